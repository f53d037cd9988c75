/** The commands of docs/keys.md, as they are printed there, in a shell on a terminal. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { alice, authority, issuer, KeyFolder } from "../keys/key-folder.ts";
import { absent, SoftHsm } from "../keys/pkcs11/softhsm.ts";
import { SoftTpm, tpmLibrary } from "../keys/pkcs11/swtpm.ts";
import { without } from "../keys/programs.ts";
import { KeyringSession } from "./keyring-session.ts";
import { World } from "./plugin.ts";
import { Terminal } from "./terminal.ts";

const page = readFileSync(new URL("../../docs/keys.md", import.meta.url), "utf8");
const password = "page-71-word";
const missing = absent("script", "openssl");
const arn = "arn:aws:rolesanywhere:us-west-2:111122223333";

/** What the page has `…` for. */
const usual = [
  ...["--region=us-west-2", "--role-arn=arn:aws:iam::111122223333:role/eks-read-only"],
  `--trust-anchor-arn=${arn}:trust-anchor/11111111-1111-1111-1111-111111111111`,
  `--profile-arn=${arn}:profile/22222222-2222-2222-2222-222222222222`,
].join(" ");

const folder = new KeyFolder();
let world: World;
let terminal: Terminal | undefined;

beforeAll(async () => {
  if (missing) return;
  folder.write("alice.der", alice.der);
  folder.write(".pin", "1234\n");
  folder.write(".alice-password", `${password}\n`);
  folder.write("ca.pem", issuer.pem);
  folder.write("ca.key", issuer.keyPem);
  folder.write("yes", "#!/bin/sh\nexit 0\n", 0o700);
  world = await World.open({}, [
    ...[`--certificate=${join(folder.path, "alice.pem")}`, `--private-key=${join(folder.path, "alice.key")}`],
    ...[
      `--trust-anchor=${folder.write("root.pem", authority.pem)}`,
      `--intermediates=${join(folder.path, "ca.pem")}`,
    ],
  ]);
});

afterEach(() => {
  terminal?.close();
});

afterAll(async () => {
  if (!missing) await world.close();
  folder.remove();
});

/** The shell block of a section, with the role and the folder of this test. */
function commandsOf(section: string): string {
  const [, text = ""] = page.split(`\n## ${section}\n`);
  const [, block = ""] = /```sh\n([^`]+)```/.exec(text.split("\n## ", 1)[0] ?? "") ?? [];
  return block
    .replaceAll(/(get-token|update-kubeconfig) …/g, (_all, command: string) => {
      const cluster = command === "get-token" ? "--cluster-name" : "--name";
      return `${command} ${cluster}=demo ${usual} --intermediates=ca.pem`;
    })
    .replaceAll("/home/alice/", `${folder.path}/`);
}

interface Session {
  env?: NodeJS.ProcessEnv;
  /** Questions and their answers, in turn. */
  answers?: readonly (readonly [question: RegExp, answer: string])[];
  shell?: (file: string) => string;
}

/** @returns what the terminal shows. @throws if a command fails */
async function run(commands: string, { env, answers = [], shell = (file) => `bash ${file}` }: Session = {}) {
  const file = folder.write("page.sh", `trap 'echo "code=$?;"' EXIT\nset -eu\n${commands}`);
  const { installation, sandbox } = world;
  const path = [dirname(installation.program), dirname(process.execPath), process.env["PATH"]].join(":");
  const own = {
    HOME: folder.path,
    PATH: path,
    XDG_RUNTIME_DIR: folder.path,
    KUBECONFIG: join(folder.path, "config"),
  };
  terminal = new Terminal(shell(file), folder.path, { ...sandbox.env, ...env, ...own });
  let [shown, keys] = ["", ""];
  for (const [question, answer] of answers) {
    shown += await terminal.type(keys, new RegExp(`${question.source}|code=\\d+;`));
    keys = `${answer}\r`;
  }
  shown += await terminal.type(keys, /code=\d+;/);
  expect(shown).toContain("code=0;");
  return shown;
}

const token = /"token": ?"k8s-aws-v1\./;

function because(reason: string | undefined): string {
  return reason === undefined ? "" : ` (${reason})`;
}

describe(`docs/keys.md${because(missing)}`, () => {
  const test = (section: string, reason: string | undefined, body: () => Promise<void>): void => {
    it.skipIf(missing !== undefined || reason !== undefined)(`${section}${because(reason)}`, body);
  };

  test("Encrypted files", undefined, async () => {
    const answers = [
      /Enter Encryption Password:/,
      /Verifying[^:]*:/,
      /Password for alice\.enc\.key:/,
    ] as const;
    const shown = await run(commandsOf("Encrypted files"), {
      answers: answers.map((question) => [question, password]),
    });
    expect(shown).toMatch(token);
  });

  test("PKCS#12", undefined, async () => {
    const answers = [/Enter Export Password:/, /Verifying[^:]*:/, /Password for alice\.p12:/] as const;
    const shown = await run(commandsOf("PKCS#12"), {
      answers: answers.map((question) => [question, password]),
    });
    expect(shown).toMatch(token);
  });

  test("Passwords and PINs", absent("keyctl"), async () => {
    folder.openssl(`pkcs12 -export -inkey alice.key -in alice.pem -passout pass:${password} -out alice.p12`);
    const session = await KeyringSession.open();
    try {
      const shown = await run(commandsOf("Passwords and PINs"), {
        answers: [[/Password for alice\.p12:/, password]],
        shell: (file) => session.within(["bash", file]).join(" "),
      });
      expect(shown).toMatch(/The password is in the OS keychain/);
      expect(shown).toMatch(/Added new context/);
    } finally {
      session.forgetPassword(join(folder.path, "alice.p12"));
      session.close();
    }
  });

  test("ssh-agent", absent("ssh-agent", "ssh-add"), async () => {
    const env = { SSH_ASKPASS: join(folder.path, "yes"), SSH_ASKPASS_REQUIRE: "force", DISPLAY: ":0" };
    const shown = await run(`${commandsOf("ssh-agent")}ssh-agent -k\n`, { env });
    expect(shown).toMatch(token);
  });

  test("PKCS#11 tokens", absent("softhsm2-util", "pkcs11-tool"), async () => {
    const hsm = new SoftHsm();
    try {
      expect(await run(commandsOf("PKCS#11 tokens"), { env: hsm.env })).toMatch(token);
    } finally {
      hsm.remove();
    }
  });

  const noTpm = absent("swtpm", "swtpm_setup", "pkcs11-tool", "certtool");
  test("TPM", noTpm ?? (tpmLibrary === "" ? "there is no libtpm2_pkcs11.so" : undefined), async () => {
    const tpm = await SoftTpm.new();
    const issue =
      "openssl x509 -req -in alice.csr -CA ca.pem -CAkey ca.key -days 9 -extfile leaf.ext -out alice.pem\n";
    folder.write("leaf.ext", "basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\n");
    try {
      const commands = commandsOf("TPM").replace(/^eks-x509/m, `${issue}eks-x509`);
      expect(await run(commands, { env: tpm.env })).toMatch(token);
    } finally {
      tpm.stop();
      folder.write("alice.pem", alice.pem);
    }
  });

  test("ML-DSA", without("openssl", "genpkey", "-algorithm", "ML-DSA-65"), async () => {
    await run(commandsOf("ML-DSA"));
  });
});

/** eks-x509 key remember: the password of a key in the OS keychain. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KeyFolder } from "../keys/key-folder.ts";
import { without } from "../keys/programs.ts";
import { KeyringSession } from "./keyring-session.ts";
import { commandOf, program } from "../program-under-test.ts";

const password = "right-3f9a-5d21";
const missing = without("openssl", "version") ?? without("keyctl", "--version");
const folder = new KeyFolder();
let session: KeyringSession;

beforeAll(async () => {
  if (missing !== undefined) return;
  session = await KeyringSession.open();
  folder.openssl(`pkcs12 -export -inkey alice.key -in alice.pem -passout pass:${password} -out alice.p12`);
});

afterAll(() => {
  if (missing === undefined) {
    forget();
    session.close();
  }
  folder.remove();
});

async function run(args: readonly string[], stdin = "") {
  const [file = "", ...rest] = session.within([...commandOf(program), "key", ...args]);
  const env = { PATH: process.env["PATH"], HOME: folder.path, XDG_RUNTIME_DIR: folder.path };
  // A session of its own has no terminal.
  const child = spawn(file, rest, { env, cwd: folder.path, detached: true });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => undefined).end(stdin);
  await once(child, "close");
  expect(stdout + stderr).not.toContain(password);
  return { code: child.exitCode, stdout, stderr };
}

const list = (path = "alice.p12") => run(["list", path, "--pkcs11-module=/none"]);

const forget = (): void => {
  session.forgetPassword(join(folder.path, "alice.p12"));
};

describe.skipIf(missing !== undefined)(`key remember${missing === undefined ? "" : ` (${missing})`}`, () => {
  it("keeps a password that opens the key, by whatever path it is named", async () => {
    expect((await list()).stderr).toContain("(PASSWORD_NEEDED)");
    expect(await run(["remember", "alice.p12"], `${password}\n`)).toMatchObject({
      code: 0,
      stdout: "The password is in the OS keychain. eks-x509 key forget removes it.\n",
    });
    expect(await list()).toMatchObject({ code: 0 });
    // A kubeconfig has the absolute path.
    expect(await list(join(folder.path, "alice.p12"))).toMatchObject({ code: 0 });
    expect(JSON.stringify(session.entries())).not.toContain(password);
    forget();
    expect((await list()).stderr).toContain("(PASSWORD_NEEDED)");
  });

  it("keeps no wrong password", async () => {
    const { code, stderr } = await run(["remember", "alice.p12"], "incorrect-77\n");
    expect(code).toBe(3);
    expect(stderr).toContain("(PASSWORD_WRONG)");
    expect((await list()).stderr).toContain("(PASSWORD_NEEDED)");
  });

  it("asks for nothing where the key has no password", async () => {
    expect((await run(["remember", "alice.key"])).stdout).toBe("The key needs no password.\n");
  });
});

/** Keys on tokens: SoftHSM through get-token and kubectl, and a TPM behind tpm2-pkcs11. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandOf } from "../program-under-test.ts";
import { intermediate, keyPair, leaf, root } from "../certificates.ts";
import { absent, library, pin, SoftHsm } from "../keys/pkcs11/softhsm.ts";
import { without } from "../keys/programs.ts";
import { isThorough } from "../thorough.ts";
import { until } from "../until.ts";
import { tokenOf, World, type Outcome, type Run, type Running } from "./plugin.ts";
import { kubectls, run as runProgram } from "./sandbox-process.ts";

const missing = absent("softhsm2-util", "pkcs11-tool", "gcc");
const test = missing ? it.skip : it;
const because = missing ? ` (${missing})` : "";

const authority = root("Company Root");
const issuer = intermediate(authority, "Company Issuing CA");
const alice = leaf(issuer, { name: "alice", keys: keyPair("p256", "alice") });
const kinds = { rsa: "rsa-2048", p384: "p384", p521: "p521" } as const;

let hsm: SoftHsm;
let world: World;
let pinFile: string;
let certificate: string;

beforeAll(async () => {
  if (missing) return;
  hsm = new SoftHsm("alice", "bob", "wrong");
  certificate = hsm.write("alice.pem", alice.pem + issuer.pem);
  const files = [
    `--private-key=${hsm.write("alice.key", alice.keyPem)}`,
    `--trust-anchor=${hsm.write("root.pem", authority.pem)}`,
  ];
  const starting = World.open({ env: { ...hsm.env, EKS_X509_CACHE: "none" } }, [
    `--certificate=${certificate}`,
    ...files,
  ]);
  for (const token of ["alice", "wrong"])
    hsm.put({ token, id: "01", label: "alice", keys: alice.keys, certificate: alice });
  hsm.put({ token: "alice", id: "ca", label: "ca", certificate: issuer });
  for (const [label, kind] of Object.entries(kinds)) {
    const user = leaf(issuer, { name: label, keys: keyPair(kind, label) });
    hsm.put({
      token: "bob",
      id: Buffer.from(label).toString("hex"),
      label,
      keys: user.keys,
      certificate: user,
    });
  }
  hsm.put({ token: "bob", id: "ca", label: "ca", certificate: issuer });
  pinFile = hsm.write("pin", `${pin}\n`);
  hsm.faulty();
  world = await starting;
});

afterAll(async () => {
  if (missing) return;
  await world.close();
  hsm.remove();
});

interface Keys extends Omit<Run, "flags"> {
  certificate?: string;
  key?: string;
  flags?: readonly string[];
}

function run({ certificate: cert, key, flags = [], ...options }: Keys): Promise<Outcome> {
  return world.run({
    ...options,
    flags: [
      ...(cert === undefined ? [] : [`--certificate=${cert}`]),
      ...(key === undefined ? [] : [`--private-key=${key}`]),
      ...flags,
    ],
  });
}

const soft = `--pkcs11-module=${library}`;
const succeeds = async (keys: Keys): Promise<void> => {
  const outcome = await run(keys);
  expect(outcome.stderr).toBe("");
  expect(tokenOf(outcome)).toMatch(/^k8s-aws-v1\./);
};
const fails = async (keys: Keys, code: string): Promise<string> => {
  const { code: exit, stdout, stderr } = await run(keys);
  expect({ exit, stdout }).toEqual({ exit: 3, stdout: "" });
  expect(stderr).toContain(`(${code})`);
  expect(stderr).not.toContain(pin);
  return stderr;
};

describe.concurrent(`get-token with a token${because}`, () => {
  test("from a certificate's URI alone, with the chain of the token, through p11-kit", async () => {
    const uri = `pkcs11:token=alice;id=%01;type=cert?pin-value=${pin}`;
    await succeeds({ certificate: uri, key: uri });
  });

  test.each([
    ["object alone", `pkcs11:object=p384?pin-value=${pin}`],
    [
      "manufacturer, model and id",
      `pkcs11:manufacturer=SoftHSM%20project;model=SoftHSM%20v2;id=rsa?pin-value=${pin}`,
    ],
    ["P-521", `pkcs11:token=bob;object=p521?pin-value=${pin}`],
  ])("by %s", async (_what, uri) => {
    await succeeds({ certificate: uri, key: uri, flags: [soft] });
  });

  test("certificate file and key URI; both URIs; certificate URI and key file", async () => {
    const uri = `pkcs11:token=alice;object=alice`;
    const flags = [soft, `--password-file=${pinFile}`];
    await succeeds({ key: uri, flags });
    await succeeds({ certificate: `${uri};type=cert`, key: `${uri};type=private`, flags });
    await succeeds({ certificate: `${uri};type=cert`, flags });
  });

  test("module-path, module-name, pin-source as a path and as a URI", async () => {
    for (const query of [
      `module-path=${library}&pin-source=${pinFile}`,
      `module-name=softhsm2&pin-source=file:${pinFile}`,
    ])
      await succeeds({ key: `pkcs11:token=alice;object=alice?${query}` });
  });

  test("each mistake has its own message, and none has the PIN", async () => {
    const secret = `?pin-value=${pin}`;
    await fails({ key: `pkcs11:objekt=alice${secret}`, flags: [soft] }, "PKCS11_URI_INVALID");
    await fails({ key: `pkcs11:token=alice;pin-value=${pin}`, flags: [soft] }, "PKCS11_URI_INVALID");
    await fails({ key: `pkcs11:token=nobody${secret}`, flags: [soft] }, "PKCS11_TOKEN_MISSING");
    await fails({ key: `pkcs11:token=alice;object=nobody${secret}`, flags: [soft] }, "PKCS11_OBJECT_MISSING");
    await fails({ key: `pkcs11:token=alice${secret}&module-path=/nope.so` }, "PKCS11_MODULE_MISSING");
    const ambiguous = await fails(
      { certificate: "pkcs11:type=cert", key: "pkcs11:", flags: [soft] },
      "PKCS11_OBJECT_AMBIGUOUS",
    );
    expect(ambiguous).toMatch(/pkcs11:token=bob;serial=[0-9a-f]+;id=%70%33%38%34;object=p384;type=cert/);
  });
});

describe(`a PIN in the OS keychain${because}`, () => {
  // The persistent keyring of a user belongs to a user namespace: this one has none of the user's own passwords.
  const alone = ["unshare", "-Ur", "keyctl", "session", "-"] as const;
  const noKeyring = without(...alone, "true");
  const uri = "pkcs11:token=alice;object=alice";
  const script = `
    echo ${pin} | $START key remember '${uri}' "$MODULE"; echo " code=$?"
    "$@" >"$OUT"; echo " code=$?"
    $START key forget; echo " code=$?"
    "$@"; echo " code=$?"`;

  (missing || noKeyring ? it.skip : it)(
    `is used until it is forgotten${noKeyring ? ` (${noKeyring})` : ""}`,
    async () => {
      const module = `--pkcs11-module=${hsm.faulty()}`;
      const out = join(hsm.folder, "credential");
      const { stdout, stderr } = await world.run({
        flags: [module, `--private-key=${uri}`],
        env: {
          ...hsm.faults("", hsm.emptyLog("keychain")),
          ...{ START: commandOf(world.installation.program).join(" "), MODULE: module, OUT: out },
        },
        within: (command) => [...alone, "sh", "-c", script, "sh", ...command],
      });
      expect(stdout.split("\n").filter(Boolean)).toEqual([
        ...["The password is in the OS keychain. eks-x509 key forget removes it.", " code=0", " code=0"],
        ...["1 removed", " code=0", " code=3"],
      ]);
      expect(stderr).toContain("(PIN_NEEDED)");
      expect(`${stdout}${stderr}`).not.toContain(pin);
      expect(readFileSync(out, "utf8")).toContain("k8s-aws-v1.");
      expect(hsm.log("keychain").lines.filter((line) => line === "login")).toHaveLength(2);
    },
  );
});

describe(`the module's process${because}`, () => {
  const uri = "pkcs11:token=alice;object=alice";

  test.each(["hang-sign", "hang-load"])("ends with a program that is killed: %s", async (fault) => {
    const log = hsm.emptyLog(`killed-${fault}`);
    const env = { ...hsm.faults(fault, log), EKS_X509_PASSWORD: "hidden-password" };
    const flags = [`--private-key=${uri}?pin-value=${pin}`, `--pkcs11-module=${hsm.faulty()}`];
    const held = world.start({ env, flags, held: true });
    await until(() => {
      expect(held.isHeld()).toBe(true);
    });
    held.release();
    await until(() => {
      expect(hsm.log(log).lines).toContain(fault);
    });
    const { processes } = hsm.log(log);
    const [child = 0] = processes;
    for (const path of [`/proc/${child}/environ`, `/proc/${child}/cmdline`])
      if (existsSync(path))
        expect(readFileSync(path, "latin1")).not.toMatch(/hidden-password|EKS_X509_|\b1234\b/);
    held.child.kill("SIGKILL");
    await held.ended;
    await until(() => {
      expect(hsm.running(log)).toEqual([]);
    });
  });
});

describe(`a crowd at a token${because}`, () => {
  const crowd = isThorough ? 100 : 24;

  async function released(count: number, runs: Run): Promise<Running[]> {
    const all = Array.from({ length: count }, () => world.start({ ...runs, held: true }));
    await until(() => {
      expect(all.filter(({ isHeld }) => isHeld())).toHaveLength(count);
    });
    for (const one of all) one.release();
    return all;
  }

  async function together(count: number, runs: Run): Promise<Outcome[]> {
    return Promise.all((await released(count, runs)).map(({ ended }) => ended));
  }

  const faulty = (): string => `--pkcs11-module=${hsm.faulty()}`;

  test("logs in once, and asks for one session", { timeout: 300_000 }, async () => {
    const before = world.requests();
    // Without a keychain, a process that comes after the outcome asks again: there is no PIN until all others wait.
    const fifo = join(hsm.folder, "pin-when-all-wait");
    execFileSync("mkfifo", [fifo]);
    const askpass = hsm.write("askpass-of-crowd", `#!/bin/sh\ncat ${fifo}\n`);
    chmodSync(askpass, 0o700);
    const flags = [faulty(), "--private-key=pkcs11:token=alice;object=alice", "--verbose"];
    const env = { ...hsm.faults("", hsm.emptyLog("crowd")), EKS_X509_ASKPASS: askpass };
    const all = await released(crowd, { flags, env });
    await until(() => {
      const waiting = all.filter(({ stderr }) => stderr().includes("another process is at it"));
      expect(waiting).toHaveLength(crowd - 1);
    });
    await writeFile(fifo, `${pin}\n`);
    const outcomes = await Promise.all(all.map(({ ended }) => ended));
    expect(new Set(outcomes.map(({ code }) => code))).toEqual(new Set([0]));
    expect(hsm.log("crowd").lines.filter((line) => line === "login")).toHaveLength(1);
    expect(world.requests() - before).toBe(1);
  });

  type Wrong = readonly [name: string, query: string, env: Record<string, string>];
  const wrongPins = (): Wrong[] => {
    const path = hsm.write("wrong-pin", "0000\n");
    const askpass = hsm.write("wrong-askpass", "#!/bin/sh\necho 0000\n");
    chmodSync(askpass, 0o700);
    const all: Wrong[] = [
      ["pin-source", `?pin-source=${path}`, {}],
      ["askpass", "", { EKS_X509_ASKPASS: askpass }],
      ["variable", "", { EKS_X509_PASSWORD: "0000" }],
    ];
    return isThorough ? all : all.slice(0, 1);
  };

  test("tries a wrong PIN once", { timeout: 300_000 }, async () => {
    for (const wrong of wrongPins()) await triesOnce(wrong);
  });

  async function triesOnce([name, query, more]: Wrong): Promise<void> {
    const flags = [faulty(), `--private-key=pkcs11:token=wrong;object=alice${query}`];
    // No note of an earlier try.
    const notes = { XDG_STATE_HOME: mkdtempSync(join(hsm.folder, "state-")) };
    const env = { ...hsm.faults("", hsm.emptyLog(`tries-${name}`)), ...notes, ...more };
    const outcomes = await together(crowd, { flags, env });
    expect(new Set(outcomes.map(({ code }) => code))).toEqual(new Set([3]));
    for (const { stderr } of outcomes) expect(stderr).toMatch(/\((PIN_WRONG|PIN_REFUSED_BEFORE)\)/);
    expect((await world.run({ flags, env })).stderr).toContain("(PIN_REFUSED_BEFORE)");
    expect(hsm.log(`tries-${name}`).lines.filter((line) => line.includes("login"))).toEqual(["wrong login"]);
  }
});

describe(`kubectl with a token${because}`, () => {
  const [kubectl] = kubectls();
  (missing || !kubectl?.path ? it.skip : it)("gets the namespaces", async () => {
    const config = join(hsm.folder, "kubeconfig");
    const uri = `pkcs11:token=alice;object=alice?module-path=${library}&pin-source=${pinFile}`;
    const { env } = world.sandbox;
    const text = readFileSync(env["KUBECONFIG"] ?? "", "utf8");
    const entry = text.replaceAll(/^( +)- get-token$/gm, `$1- get-token\n$1- --private-key=${uri}`);
    writeFileSync(config, entry.replaceAll(/^ +- --private-key=(?!pkcs11:).*\n/gm, ""), { mode: 0o600 });
    const { code, stdout, stderr } = await runProgram(kubectl?.path ?? "", ["get", "ns"], {
      ...env,
      ...hsm.env,
      KUBECONFIG: config,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^kube-system +Active/m);
    const keys = readFileSync(config, "utf8").match(/--private-key.*/g);
    expect(new Set(keys)).toEqual(new Set([`--private-key=${uri}`]));
  });
});

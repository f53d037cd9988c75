/** The cache as users have it: real processes, the kernel's keyring, the sandbox's count of what it was asked for. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { named, noKernelKeyring } from "../cache/keychain/programs.ts";
import { intermediate, keyPair, leaf, root } from "../certificates.ts";
import { KeyringSession } from "./keyring-session.ts";
import { accessKeyOf, tokenOf, World, type Outcome, type Run } from "./plugin.ts";
import { secretsIn } from "./secrets.ts";
import { noNode } from "../program-under-test.ts";

const noKeyring = noKernelKeyring();

describe.skipIf(noKeyring)(named("with the kernel's keyring", noKeyring), () => {
  let world: World;
  let keyring: KeyringSession;
  let before: number;

  beforeAll(async () => {
    world = await World.open({ env: { EKS_X509_CACHE: "keyutils" } });
  });
  afterAll(async () => {
    await world.close();
  });
  beforeEach(async () => {
    keyring = await KeyringSession.open();
    before = world.requests();
  });
  afterEach(() => {
    keyring.close();
  });

  const run = (options: Run = {}): Promise<Outcome> =>
    world.run({ ...options, within: (command) => keyring.within(command) });
  const verbose = (flags: readonly string[] = []): Promise<Outcome> =>
    run({ flags: ["--verbose", ...flags] });
  const requests = (): number => world.requests() - before;

  it("the first run asks for a session, the second for nothing: the same token", async () => {
    const first = await run();
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: "" });
    expect(await run()).toEqual(first);
    expect(requests()).toBe(1);
  });

  it("a hit that a limit of the size of files cuts off is reported", async () => {
    await run();
    const limited = ["sh", "-c", 'ulimit -f 0; exec "$@" >"$0"', join(world.installation.folder, "answer")];
    const { code, stderr } = await world.run({
      within: (command) => [...limited, ...keyring.within(command)],
    });
    expect(stderr).toContain("EFBIG (OUTPUT_FAILED)");
    expect(code).toBe(1);
  });

  it("another cluster's token needs no request", async () => {
    const first = tokenOf(await run());
    const second = tokenOf(await run({ flags: ["--cluster-name=another"] }));
    expect(second).not.toBe(first);
    expect(accessKeyOf(second)).toBe(accessKeyOf(first));
    expect(requests()).toBe(1);
  });

  it("another role has a session of its own", async () => {
    const viewer = tokenOf(await run());
    const admin = tokenOf(await run({ user: "demo-admin" }));
    expect(accessKeyOf(admin)).not.toBe(accessKeyOf(viewer));
    expect([tokenOf(await run()), tokenOf(await run({ user: "demo-admin" }))]).toEqual([viewer, admin]);
    expect(requests()).toBe(2);
  });

  it("logs what it found, or why it found nothing", async () => {
    expect((await verbose()).stderr).toMatch(
      /^eks-x509: cache: token\/[\da-f]{10}… missed: there is no entry$/m,
    );
    expect((await verbose()).stderr).toMatch(/^eks-x509: token: from the cache, until 2\d{3}-\S+Z$/m);
  });

  describe("a damaged entry is a miss, is logged, and is replaced:", () => {
    const spoilers: [string, (text: string) => string][] = [
      ["truncated", (text) => text.slice(0, -10)],
      ["with one letter changed", (text) => text.replace(/(ASI|k8s-aw)./, "$1Z")],
      ["emptied of all but its checksum", (text) => text.slice(0, 65)],
      ["something else", () => "x"],
    ];

    it.each(spoilers)("a token %s", async (_, spoil) => {
      await run();
      const entry = keyring.entry("token");
      keyring.overwrite(entry, spoil(keyring.read(entry)));
      const { stderr, ...outcome } = await verbose();
      expect(stderr).toMatch(/token\/[\da-f]{10}… missed: the entry is damaged, or of another version$/m);
      expect(tokenOf(await run())).toBe(tokenOf({ ...outcome, stderr }));
      expect(requests()).toBe(1);
    });

    it.each(spoilers)("both, %s", async (_, spoil) => {
      await run();
      for (const entry of [keyring.entry("token"), keyring.entry("session")])
        keyring.overwrite(entry, spoil(keyring.read(entry)));
      const { stderr, ...outcome } = await verbose();
      expect(stderr).toMatch(/session\/[\da-f]{8}… missed: the entry is damaged, or of another version$/m);
      expect(tokenOf(await run())).toBe(tokenOf({ ...outcome, stderr }));
      expect(requests()).toBe(2);
    });

    it("another role's token in this one's place", async () => {
      const viewer = tokenOf(await run());
      const entry = keyring.entry("token");
      await run({ user: "demo-admin" });
      const admin = keyring
        .entries()
        .find(({ id, description }) => id !== entry.id && description.startsWith("keyring:token/"));
      keyring.overwrite(entry, keyring.read(admin ?? entry));
      expect(accessKeyOf(tokenOf(await run()))).toBe(accessKeyOf(viewer));
    });
  });

  it("keeps nothing that names or opens anything: descriptions are hashes, and the lock's folder is empty", async () => {
    const token = tokenOf(await run());
    const descriptions = keyring.entries().map(({ description }) => description);
    const own = descriptions.filter((description) => description.startsWith("keyring:"));
    expect(own.sort().map((description) => description.replace(/[\da-f]{64}/, "HASH"))).toEqual([
      "keyring:probe@eks-x509",
      "keyring:session/HASH@eks-x509",
      "keyring:token/HASH@eks-x509",
    ]);
    for (const view of [keyring.keyctl("show"), readFileSync("/proc/keys", "utf8")])
      expect(view).not.toMatch(new RegExp(`demo|alice|111122223333|eks-read|ASIA|${token.slice(20, 60)}`));
    expect(secretsIn(world.runtime, [token, accessKeyOf(token)])).toEqual([]);
    expect(secretsIn(world.sandbox.home, [token])).toEqual([]);
  });

  it.skipIf(noNode)("starts no other program, which could show a secret to everybody", async () => {
    const hook = join(world.installation.folder, "no-children.cjs");
    writeFileSync(
      hook,
      `const children = require("node:child_process");
       for (const name of ["spawn", "spawnSync", "exec", "execSync", "execFile", "execFileSync", "fork"])
         children[name] = () => { require("node:fs").writeSync(2, "started a program"); process.exit(99); };`,
    );
    for (const flags of [[], ["--cluster-name=another"], ["--cache=none"]])
      expect(await run({ flags, node: ["--require", hook] })).toMatchObject({ code: 0, stderr: "" });
  });

  describe("a certificate in a file of one name", () => {
    const authority = root("Company Root");
    const issuer = intermediate(authority, "Company Issuing CA");
    const alice = leaf(issuer, { name: "alice", keys: keyPair("p256", "alice") });
    let company: World;
    let certificate: string;
    let privateKey: string;

    beforeAll(async () => {
      const folder = world.sandbox.home;
      [certificate, privateKey] = [join(folder, "alice.pem"), join(folder, "alice.key")];
      put(certificate, alice.pem + issuer.pem);
      put(privateKey, alice.keyPem);
      put(join(folder, "root.pem"), authority.pem);
      company = await World.open({ env: { EKS_X509_CACHE: "keyutils" } }, [
        `--certificate=${certificate}`,
        `--private-key=${privateKey}`,
        `--trust-anchor=${join(folder, "root.pem")}`,
      ]);
    });
    afterAll(async () => {
      await company.close();
    });
    beforeEach(() => {
      put(certificate, alice.pem + issuer.pem);
      put(privateKey, alice.keyPem);
      before = company.requests();
    });
    const run = (flags: readonly string[] = []): Promise<Outcome> =>
      company.run({ flags, within: (command) => keyring.within(command) });

    it("when it is renewed, is another identity at once", async () => {
      const first = tokenOf(await run());
      put(certificate, leaf(issuer, { name: "alice", keys: keyPair("p256", "alice") }).pem + issuer.pem);
      const second = tokenOf(await run());
      expect(accessKeyOf(second)).not.toBe(accessKeyOf(first));
      expect(tokenOf(await run())).toBe(second);
      expect(company.requests() - before).toBe(2);
    });

    it("when its key is swapped for another's, gets no token out of the cache", async () => {
      await run();
      put(
        privateKey,
        keyPair("p256", "mallory").privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
      );
      const { code, stdout, stderr } = await run();
      expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
      expect(stderr).toContain("(PRIVATE_KEY_MISMATCH)");
    });

    it("when its key is taken away, gets no token out of the cache", async () => {
      await run();
      renameSync(privateKey, `${privateKey}.away`);
      expect(await run()).toMatchObject({ code: 3, stdout: "" });
    });

    it("when the same key comes through another pipe each time, serves what was kept", async () => {
      const throughPipe = async (key: string): Promise<string> => {
        rmSync(privateKey);
        execFileSync("mkfifo", [privateKey]);
        const writer = spawn("sh", ["-c", `printf %s "$1" > "$2"`, "sh", key, privateKey], {
          stdio: "ignore",
        });
        const [outcome] = await Promise.all([run(), once(writer, "exit")]);
        return tokenOf(outcome);
      };
      try {
        const first = await throughPipe(alice.keyPem);
        expect(await throughPipe(alice.keyPem)).toBe(first);
        expect(company.requests() - before).toBe(1);
      } finally {
        rmSync(privateKey);
        put(privateKey, alice.keyPem);
      }
    });

    it("when the same key is written anew, makes a session anew, and that is kept", async () => {
      await run();
      copyFileSync(privateKey, `${privateKey}.new`);
      renameSync(`${privateKey}.new`, privateKey);
      const second = tokenOf(await run());
      expect(tokenOf(await run())).toBe(second);
      expect(company.requests() - before).toBe(2);
    });
  });
});

/** As a program does it that never shows half a file. */
function put(path: string, content: string): void {
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

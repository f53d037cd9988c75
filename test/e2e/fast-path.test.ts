/** What a hit loads. Each file more is time that kubectl waits: this list is what was decided, and no more. */
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { named, noKernelKeyring } from "../cache/keychain/programs.ts";
import { fromJson } from "../json.ts";
import { matching } from "../matching.ts";
import { KeyringSession } from "./keyring-session.ts";
import { World, type Run } from "./plugin.ts";

const noKeyring = noKernelKeyring();

describe.skipIf(noKeyring)(named("with the kernel's keyring", noKeyring), () => {
  let world: World;
  let keyring: KeyringSession;

  beforeAll(async () => {
    world = await World.open({ env: { EKS_X509_CACHE: "auto" } });
    keyring = await KeyringSession.open();
    await loaded();
  });
  afterAll(async () => {
    keyring.close();
    await world.close();
  });

  interface Loaded {
    /** Of this program's, below its folder: JavaScript by V8's own account, in whichever way it was loaded, and native code. */
    files: string[];
    builtIn: string[];
  }

  async function loaded(
    flags: readonly string[] = [],
    command: Run["command"] = "get-token",
  ): Promise<Loaded> {
    const folder = mkdtempSync(join(world.sandbox.home, "loaded-"));
    const hook = join(folder, "hook.cjs");
    const list = join(folder, "list.json");
    writeFileSync(
      hook,
      `process.on("exit", () => {
        const lists = { files: Object.keys(require.cache), builtIn: process.moduleLoadList };
        require("node:fs").writeFileSync(${JSON.stringify(list)}, JSON.stringify(lists));
      });`,
    );
    const { code, stderr } = await world.run({
      command,
      flags,
      node: ["--require", hook],
      env: { NODE_V8_COVERAGE: join(folder, "coverage") },
      within: (command) => keyring.within(command),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { files, builtIn } = fromJson<Loaded>(readFileSync(list, "utf8"));
    const all = new Set([...files, ...scripts(join(folder, "coverage"))]);
    all.delete(hook);
    const below = [...all].map((file) => relative(world.installation.folder, file));
    return { files: below.sort(), builtIn };
  }

  it("a hit loads the program's file, its one bundle, and the keyring's native code", async () => {
    const { files } = await loaded();
    expect(files).toEqual([
      "bin/eks-x509",
      "dist/main.js",
      expect.stringMatching(/^node_modules\/@napi-rs\/keyring-\w+-\w+-\w+\/keyring\.[\w-]+\.node$/),
    ]);
  });

  it("a hit of credential-process adds one small file", async () => {
    const { files, builtIn } = await loaded([], "credential-process");
    expect(files).toEqual([
      "bin/eks-x509",
      "dist/main.js",
      matching(/^dist\/run-[\w-]+\.js$/),
      matching(/^node_modules\/@napi-rs\/keyring-/),
    ]);
    const [own = ""] = files.filter((file) => file.startsWith("dist/run-"));
    expect(statSync(join(world.installation.folder, own)).size).toBeLessThan(4_096);
    for (const name of ["http", "https", "net", "tls"]) expect(builtIn).not.toContain(`NativeModule ${name}`);
  });

  it("a hit loads nothing of Node's that is large: no network, no workers, no promises of files", async () => {
    const { builtIn } = await loaded();
    const large = ["http", "https", "http2", "net", "tls", "dns", "worker_threads", "fs/promises", "zlib"];
    expect(large.filter((name) => builtIn.includes(`NativeModule ${name}`))).toEqual([]);
  });

  it("a session's hit adds what makes a token, and nothing of the network or of certificates' readers", async () => {
    const { files, builtIn } = await loaded(["--cluster-name=another"]);
    expect(files.some((file) => file.startsWith("dist/miss-"))).toBe(true);
    const heavy = files.filter((file) => /client|yaml|program|sandbox|single-flight/.test(file));
    expect(heavy).toEqual([]);
    for (const name of ["http", "https", "net", "tls"]) expect(builtIn).not.toContain(`NativeModule ${name}`);
  });

  it("a miss loads no yargs, no YAML and no sandbox", async () => {
    const { files } = await loaded(["--cache=none"]);
    expect(files.filter((file) => /yaml|program|sandbox/.test(file))).toEqual([]);
  });

  it("the bundle of a hit holds neither yargs, nor the SDK, asn1js or js-yaml", () => {
    const bundle = readFileSync(join(world.installation.folder, "dist", "main.js"), "utf8");
    // Words that their code cannot do without.
    for (const word of [
      "scriptName",
      "AWS4-HMAC-SHA256",
      "BaseBlock",
      "FAILSAFE_SCHEMA=",
      "X509Certificate(",
    ])
      expect(bundle.includes(word), word).toBe(false);
  });
});

/** Every script that V8 has run, but Node's own. */
function scripts(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => fromJson<{ result: { url: string }[] }>(readFileSync(join(folder, name), "utf8")))
    .flatMap(({ result }) => result.map(({ url }) => url))
    .filter((url) => url.startsWith("file:"))
    .map((url) => fileURLToPath(url));
}

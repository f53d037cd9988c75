/** kubectl, a terminal and a locked key: kubectl lets the plugin ask where the entry allows it, and there alone. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { alice, authority, issuer, KeyFolder } from "../keys/key-folder.ts";
import { without } from "../keys/programs.ts";
import { isThorough } from "../thorough.ts";
import { World } from "./plugin.ts";
import { Terminal } from "./terminal.ts";

const password = "right-3f9a word";
const missing =
  without("openssl", "version") ??
  without("script", "--version") ??
  without("kubectl", "version", "--client");
const folder = new KeyFolder();
let world: World;
let terminal: Terminal | undefined;

beforeAll(async () => {
  if (missing !== undefined) return;
  folder.write("right", password);
  folder.openssl("pkcs8 -topk8 -in alice.key -out locked.key -passout file:right");
  world = await World.open({ env: { EKS_X509_CACHE: "none" } }, [
    `--certificate=${folder.write("whole.pem", alice.pem + issuer.pem)}`,
    `--private-key=${join(folder.path, "alice.key")}`,
    `--trust-anchor=${folder.write("root.pem", authority.pem)}`,
  ]);
});

afterEach(() => terminal?.close());

afterAll(async () => {
  folder.remove();
  if (missing === undefined) await world.close();
});

/** How many runs of the plugin wait for another one, by what they log. */
function waiting(): number {
  const logs = readdirSync(folder.path).filter((name) => name.startsWith("err."));
  return logs.filter((name) =>
    readFileSync(join(folder.path, name), "utf8").includes("another process is at it"),
  ).length;
}

/** kubectl with the locked key, in the mode of the entry. */
function kubectl(mode: string, command: string): Terminal {
  const text = readFileSync(world.sandbox.env["KUBECONFIG"] ?? "", "utf8")
    .replaceAll("alice.key", "locked.key")
    .replaceAll(/^( +)- get-token$/gm, "$1- get-token\n$1- --verbose")
    .replace(/interactiveMode("?): "?Never"?/g, `interactiveMode$1: ${mode}`);
  const env = {
    ...world.sandbox.env,
    XDG_RUNTIME_DIR: world.runtime,
    KUBECONFIG: folder.write("config", text),
  };
  terminal = new Terminal(`bash -c '${command}; echo "code=$?"; echo over'`, folder.path, env);
  return terminal;
}

const question = /Password for .*locked\.key: /;
const ended = /over\r\n/;

describe.skipIf(missing !== undefined)(`kubectl with a locked key${missing ? ` (${missing})` : ""}`, () => {
  it("IfAvailable: asks on the terminal, and the answer is authorized", async () => {
    const kubectlRun = kubectl("IfAvailable", "kubectl get ns");
    await kubectlRun.type("", question);
    const rest = await kubectlRun.type(`${password}\r`, ended);
    expect(rest).toMatch(/kube-system[^]*code=0/);
    expect(rest).not.toContain("word");
  });

  it("of a crowd that misses, one asks and creates a session", { timeout: 300_000 }, async () => {
    const crowd = isThorough ? 100 : 8;
    const before = world.requests();
    const each = "kubectl get ns </dev/tty >out.$i 2>err.$i";
    const count = "grep -l kube-system out.* | wc -l";
    const kubectls = kubectl(
      "IfAvailable",
      `for i in $(seq ${crowd}); do ${each} & done; wait; echo "authorized=$(${count});"`,
    );
    const asked = await kubectls.type("", question);
    // Without a cache, a kubectl that starts when the session is there already asks again.
    await expect.poll(waiting, { timeout: 200_000 }).toBe(crowd - 1);
    const rest = await kubectls.type(`${password}\r`, ended);
    expect(rest).toContain(`authorized=${crowd};`);
    expect(`${asked}${rest}`.match(/Password for/g)).toHaveLength(1);
    expect(world.requests() - before).toBe(1);
  });

  it("Ctrl-C at the question ends kubectl, too", async () => {
    const kubectlRun = kubectl("IfAvailable", "trap : INT; kubectl get ns");
    await kubectlRun.type("", question);
    expect(await kubectlRun.type("\u0003", ended)).toMatch(/code=130/);
  });

  it.each([
    ["Never", "kubectl get ns"],
    ["IfAvailable", "kubectl get ns < /dev/null"],
    ["IfAvailable", "echo {} | kubectl apply -f -"],
  ])("%s, %s: asks nobody", async (mode, command) => {
    const shown = await kubectl(mode, command).type("", ended);
    expect(shown).toContain("(PASSWORD_NEEDED)");
    expect(shown).toContain("interactiveMode: IfAvailable in the kubeconfig");
    expect(shown).not.toMatch(question);
  });
});

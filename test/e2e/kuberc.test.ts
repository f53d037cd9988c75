/** kubectl's own judgement of the kuberc entry. KUBECTL_1_35 names a kubectl 1.35 or later: older ones know no such policy. */
import { symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { named } from "../cache/keychain/programs.ts";
import { emptyHome, run, startSandboxProcess, type RunningSandbox } from "./sandbox-process.ts";
import { program, started } from "../program-under-test.ts";

const kubectl = process.env["KUBECTL_1_35"] || undefined;
const isMissing = kubectl === undefined ? "KUBECTL_1_35 names no kubectl" : undefined;

describe.skipIf(isMissing)(named("kubectl with the kuberc that is printed", isMissing), () => {
  let sandbox: RunningSandbox;
  beforeAll(async () => {
    sandbox = await startSandboxProcess();
  });
  afterAll(async () => {
    await sandbox.stop();
  });

  /** The sandbox's kubeconfig runs the program by its absolute path. */
  async function getsNamespace(flags: readonly string[], path: readonly string[] = []) {
    const PATH = [...path, process.env["PATH"]].join(delimiter);
    const { stdout } = await run(...started(program, ["kuberc", ...flags]), sandbox.env);
    const KUBERC = join(sandbox.home, "kuberc");
    writeFileSync(KUBERC, stdout);
    return run(kubectl ?? "", ["get", "ns", "default", "-o", "name"], { ...sandbox.env, PATH, KUBERC });
  }

  const allowed = { code: 0, stdout: "namespace/default\n", stderr: "" };

  it("runs the plugin: by its path, and by a name that PATH finds there", async () => {
    expect(await getsNamespace([`--command=${program}`])).toEqual(allowed);
    expect(await getsNamespace([], [dirname(program)])).toEqual(allowed);
  });

  it("refuses it where the entry names another program, though it be a link to the same", async () => {
    const folder = emptyHome();
    symlinkSync(program, join(folder, "eks-x509"));
    for (const refused of [
      await getsNamespace(["--command=/usr/bin/another"]),
      await getsNamespace([], [folder]),
    ]) {
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toContain(`"${program}" is not permitted by the credential plugin allowlist`);
    }
  });
});

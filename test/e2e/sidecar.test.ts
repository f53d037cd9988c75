/** The pods of examples/sidecar, as a real API server sees them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { named } from "../cache/keychain/programs.ts";
import { assets, kubectls, run, startSandboxProcess, type RunningSandbox } from "./sandbox-process.ts";

const [{ path: kubectl } = { path: undefined }] = kubectls();
const skipped =
  assets === undefined
    ? "KUBEBUILDER_ASSETS is not set"
    : kubectl === undefined
      ? "there is no kubectl"
      : undefined;
const folder = fileURLToPath(new URL("../../examples/sidecar", import.meta.url));
/** cert-manager's own kind is not known to an API server without it. */
const files = readdirSync(folder).filter((name) => name.endsWith(".yaml") && name !== "certificate.yaml");

describe.skipIf(skipped)(named("examples/sidecar", skipped), () => {
  let sandbox: RunningSandbox;

  beforeAll(async () => {
    sandbox = await startSandboxProcess();
  });
  afterAll(async () => {
    await sandbox.stop();
  });

  it.each(files)("%s is accepted", async (name) => {
    const args = [
      "--context=demo-admin",
      "apply",
      "--dry-run=server",
      "--validate=strict",
      "-f",
      join(folder, name),
    ];
    const { code, stdout, stderr } = await run(kubectl ?? "", args, sandbox.env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("deployment.apps/application created (server dry run)");
  });
});

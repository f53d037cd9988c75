/** The commands of docs/setup.md, as scripts/walkthrough runs them, with the real aws, openssl and kubectl. */
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { absent } from "../keys/pkcs11/softhsm.ts";
import { assets, run } from "./sandbox-process.ts";

const walkthrough = fileURLToPath(new URL("../../scripts/walkthrough", import.meta.url));
const missing = absent("aws", "openssl", "kubectl", "bash");
const api = assets === undefined ? "the embedded API" : "a real API server";

describe.skipIf(missing)(`docs/setup.md on ${api}${missing === undefined ? "" : ` (${missing})`}`, () => {
  it("signs a certificate in, finds it in both logs, and leaves nothing behind", async () => {
    const { code, stdout, stderr } = await run(walkthrough, ["--yes"], process.env, undefined, 500_000);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    const parts = stdout.split(/^== /m);
    const part = (name: string) => parts.find((text) => text.startsWith(name)) ?? "";
    expect(part("Step 2")).toContain("✓ the trust policy lets the certificate in");
    expect(part("Step 4")).toContain("Added new context demo to ");
    expect(part("Test")).toMatch(/kube-system +Active/);
    const [, serial] = /^assumed-role\/eks-read-only\/([0-9a-f]+)$/m.exec(part("Audit")) ?? [];
    expect(part("Audit")).toContain(`\n"sessionName":["${serial}"]\n`);
    expect(stderr).toMatch(
      /Forbidden\): namespaces is forbidden: User "arn:aws:sts::111122223333:assumed-role\/eks-read-only\//,
    );
    expect(stderr).toContain("(REFUSED_TRUST_ANCHOR)");
  }, 600_000);
});

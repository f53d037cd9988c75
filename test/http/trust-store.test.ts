import { describe, expect, it } from "vitest";
import { trustStore } from "../../src/http/trust-store.ts";
import type { FileContent } from "../../src/foundation/ports.ts";
import { root } from "../certificates.ts";

const ca = root().pem;

async function trusted(file: Partial<FileContent>) {
  const warnings: string[] = [];
  const read = { name: "/ca.pem", bytes: Buffer.from(ca), mode: 0o644, ...file };
  const store = await trustStore({
    env: { AWS_CA_BUNDLE: "/ca.pem" },
    readFile: () => Promise.resolve(read),
    warn: (line) => warnings.push(line),
  });
  return { store, warnings };
}

describe("AWS_CA_BUNDLE", () => {
  it("is trusted in silence when only this user and root can change it", async () => {
    expect(await trusted({})).toEqual({ store: [ca], warnings: [] });
  });

  it("is trusted as the user says, with a warning, when another user can change it", async () => {
    const { store, warnings } = await trusted({ exposure: "belongs to user 1001" });
    expect(store).toEqual([ca]);
    expect(warnings).toEqual([
      "/ca.pem (AWS_CA_BUNDLE) belongs to user 1001, who can change what is trusted",
    ]);
  });
});

/** The composition root: another environment is another world, the cache's part of it included. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { textWanted } from "./cache/flight/text-wanted.ts";
import { dependencies } from "../src/dependencies.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eks-x509-env-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe.skipIf(process.platform === "win32")("the ports within another environment", () => {
  const within = (env: Record<string, string>) => dependencies({}).within(env);

  it.each(["XDG_RUNTIME_DIR", "TMPDIR"])("keep the ledger and the lock below its %s", async (variable) => {
    const { cache } = within({ [variable]: folder });
    const lines: string[] = [];
    const ledger = cache.entries("auto", (line) => lines.push(line)).ledger?.();
    ledger?.give({ account: "token/0", createdAt: new Date(0) });
    const flight = await cache.singleFlight("none", (line) => lines.push(line));
    const own = await flight.run(
      textWanted("0".repeat(64), () => Promise.resolve(readdirSync(folder).join())),
    );
    expect(own).toMatch(/^eks-x509(-\d+)?$/);
    expect(readdirSync(join(folder, own)).some((name) => name.startsWith("given-"))).toBe(true);
    expect(lines).toEqual([]);
  });

  it("ask the session bus that it names", async () => {
    const lines: string[] = [];
    const address = `unix:path=${folder}/bus`;
    const keychain = within({ DBUS_SESSION_BUS_ADDRESS: address }).cache.keychain("keychain", (line) =>
      lines.push(line),
    );
    await expect(keychain.getPassword("eks-x509", "token/0")).rejects.toThrow();
    expect(lines.join()).toContain("Secret Service");
  });

  it("have its HOME as the home folder", () => {
    expect(within({ HOME: "/home/alice" }).machine.home).toBe("/home/alice");
  });
});

import { describe, expect, it } from "vitest";
import { TimeLimit } from "../../../src/cache/keychain/time-limit.ts";

describe("a time limit", () => {
  const never = (): Promise<never> => new Promise(() => undefined);

  it("ends a call, signals it, and is spent", async () => {
    const limit = new TimeLimit({ perCall: 20, total: 30 });
    let logged: AbortSignal | undefined;
    const hanging = (signal: AbortSignal): Promise<never> => {
      logged = signal;
      return never();
    };
    await expect(limit.run("it", hanging)).rejects.toMatchObject({ reason: "timed-out" });
    expect(logged?.aborted).toBe(true);
    await expect(limit.run("it", never)).rejects.toMatchObject({ reason: "timed-out" });
    await expect(limit.run("it", () => Promise.resolve(1))).rejects.toMatchObject({ reason: "timed-out" });
  });

  it("does not mind what is in time", async () => {
    const limit = new TimeLimit({ perCall: 10_000, total: 10_000 });
    expect(await limit.run("it", () => Promise.resolve(1))).toBe(1);
    await expect(limit.run("it", () => Promise.reject(new Error("own")))).rejects.toThrow("own");
  });
});

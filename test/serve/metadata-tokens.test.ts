import { describe, expect, it } from "vitest";
import { MetadataTokens } from "../../src/serve/metadata-tokens.ts";
import { sha256 } from "../ports.ts";

function tokens(): MetadataTokens {
  let next = 0;
  return new MetadataTokens({ create: () => `token-${next++}`, sha256 });
}

describe("tokens of IMDSv2", () => {
  it("live for their time, to the millisecond", () => {
    const store = tokens();
    const token = store.issue(60, 1_000);
    expect(store.secondsLeft(token, 1_000)).toBe(60);
    expect(store.secondsLeft(token, 1_001)).toBe(59);
    expect(store.secondsLeft(token, 60_999)).toBe(0);
    expect(store.secondsLeft(token, 61_000)).toBeUndefined();
  });

  it("are unknown unless they were issued", () => {
    const store = tokens();
    store.issue(60, 0);
    for (const other of ["", "token-1", "TOKEN-0"]) expect(store.secondsLeft(other, 0)).toBeUndefined();
  });

  it("are at most 256: the expired ones go first, then the oldest one", () => {
    const store = tokens();
    const oldest = store.issue(21_600, 0);
    const short = store.issue(1, 0);
    const others = Array.from({ length: 254 }, () => store.issue(21_600, 0));
    expect(store.size).toBe(256);
    const further = store.issue(21_600, 5_000);
    expect([short, oldest, further].map((token) => store.secondsLeft(token, 5_000) !== undefined)).toEqual([
      ...[false, true, true],
    ]);
    store.issue(21_600, 5_000);
    expect(store.size).toBe(256);
    expect(store.secondsLeft(oldest, 5_000)).toBeUndefined();
    expect(others.every((token) => store.secondsLeft(token, 5_000) !== undefined)).toBe(true);
  });
});

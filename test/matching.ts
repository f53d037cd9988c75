import { expect } from "vitest";

/** vitest's matchers, typed as what they stand for: anything. */
export function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}

export function containing(text: string): unknown {
  return expect.stringContaining(text);
}

export function anyNumber(): unknown {
  return expect.any(Number);
}

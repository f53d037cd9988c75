import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serverWords } from "../../src/http/server-words.ts";

describe("what a server says", () => {
  it.each([
    ["is repeated", "User is not authorized", "User is not authorized"],
    ["as far as its first line", "  first\nGET\n/\n", "first"],
    ["and 200 characters", "ab ".repeat(100), "ab ".repeat(100).slice(0, 200)],
    ["without what may be a signature", `not '${"0a".repeat(32)}'`, "not '…'"],
  ])("%s", (_how, text, expected) => {
    expect(serverWords(text, [])).toBe(expected);
  });

  it("is not repeated when it repeats a piece of a secret", () => {
    const secret = "IQoJb3JpZ2luX2VjEXAMPLE/TOKEN+1234567890";
    expect(serverWords(`the token ${secret}`, [secret])).toBe("");
    expect(serverWords(`the token ${secret.slice(8, 20)}`, [secret])).toBe("");
    expect(serverWords("the token", [secret])).toBe("the token");
    expect(serverWords("the token", [""])).toBe("the token");
    expect(serverWords("a pin: 1234", ["1234"])).toBe("");
  });

  it("never holds 12 characters in a row of a secret, wherever they were put", () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9+/=]{12,300}$/);
    const text = fc.tuple(fc.string(), secret, fc.nat(300), fc.nat(300), fc.string());
    fc.assert(
      fc.property(text, ([before, own, start, length, after]) => {
        const words = serverWords(before + own.slice(start, start + length) + after, [own]);
        for (let at = 0; at + 12 <= own.length; at += 1) expect(words).not.toContain(own.slice(at, at + 12));
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});

it("is not repeated when words of it are a secret's pieces, in whatever others they are hidden", () => {
  const secret = "IQoJb3JpZ2luX2VjEKr8wEaCXVzLXdlc3QtMiJHMEUCIQDx7yT4mNq2pWv9sRkLbA0".repeat(3);
  const pieces = (length: number) => secret.slice(0, 60).match(new RegExp(`.{${length}}`, "g")) ?? [];
  for (const length of [3, 4, 5, 7])
    expect(serverWords(`denied: ${pieces(length).join(" the ")}`, [secret])).toBe("");
  const plain = "User: arn:aws:iam::111122223333:role/x is not authorized to perform: eks:DescribeCluster";
  expect(serverWords(plain, [secret])).toBe(plain);
});

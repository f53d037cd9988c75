import { describe, expect, it } from "vitest";
import { keyIn } from "../../../src/cache/flight/circumstances.ts";

const key = "a".repeat(64);

describe("the key that runs wait for one another by", () => {
  it("is the same in the same circumstances, whatever else the environment holds", () => {
    expect(keyIn({ HTTPS_PROXY: "http://p", EDITOR: "vi" }, key)).toBe(
      keyIn({ HTTPS_PROXY: "http://p" }, key),
    );
    expect(keyIn({}, key)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "NO_PROXY",
    "AWS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "AWS_MAX_ATTEMPTS",
  ])("is another with another %s", (name) => {
    expect(keyIn({ [name]: "x" }, key)).not.toBe(keyIn({}, key));
    expect(keyIn({ [name]: "x" }, key)).not.toBe(keyIn({ [name]: "y" }, key));
  });

  it("is another for another session", () => {
    expect(keyIn({}, key)).not.toBe(keyIn({}, "b".repeat(64)));
  });
});

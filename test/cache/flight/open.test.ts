import { describe, expect, it } from "vitest";
import { keyIn as keyBy, openSingleFlight } from "../../../src/cache/flight/single-flight.ts";
import { sha256 } from "../../ports.ts";
import { textWanted } from "./text-wanted.ts";

const key = "a".repeat(64);
const keyIn = (env: Record<string, string>, of: string) => keyBy(env, of, sha256);

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

it("without any folder for the lock, the work is done without one, and the reasons are logged", async () => {
  const lines: string[] = [];
  const inputs = {
    platform: "linux",
    uid: process.geteuid?.() ?? 0,
    userName: "u",
    runtimeFolder: undefined,
    temporaryFolder: "/nowhere",
    env: {},
    sha256,
    isKept: true,
  } as const;
  const flight = openSingleFlight(inputs, (line) => lines.push(line));
  expect(await flight.run(textWanted(key, () => Promise.resolve("own")))).toBe("own");
  expect(lines).toEqual([expect.stringContaining("ENOENT")]);
});

import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { version } from "../../../../src/foundation/version.ts";
import { fromJson } from "../../../json.ts";
import { executable, program, started } from "../../../program-under-test.ts";

interface Facts {
  commit: string;
  built: string;
  runtime: { name: string; version: string };
}

const printed = (...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync(...started(program, args), { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
};

it("--version is one line, the version alone", () => {
  expect(printed("--version")).toBe(`${version}\n`);
});

it("version -o json names what the program is built from and runs on", () => {
  const { commit, built, runtime, ...others } = fromJson<Facts>(printed("version", "-o", "json"));
  expect(commit).toMatch(/^[0-9a-f]{40}$/);
  expect(built).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  expect(runtime.name).toBe(executable === undefined ? "node" : "bun");
  expect(runtime.version).toMatch(/^\d+\.\d+\.\d+$/);
  const system = process.platform === "win32" ? "windows" : process.platform;
  expect(others).toEqual({ version, platform: `${system}-${process.arch}` });
});

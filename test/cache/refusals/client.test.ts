import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clientOf } from "../../../src/cache/refusals/ledger-files.ts";

/** As proc_pid_stat(5) has it; fields from 3 on are zero but for these. */
function stat({ name = "kubectl", started = "1476049", stack = "140732883070016" } = {}): string {
  const fields = Array.from({ length: 50 }, () => "0");
  [fields[0], fields[22 - 3], fields[28 - 3]] = ["S", started, stack];
  return `22126 (${name}) ${fields.join(" ")}\n`;
}

describe("a client process", () => {
  const kubectl = clientOf({ pid: 22126, stat: stat() });

  it("is the same however it is called", () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(clientOf({ pid: 22126, stat: stat({ name }) })).toBe(kubectl);
      }),
      { seed: 1 },
    );
  });

  it.each([
    ["with another process ID", { pid: 22127, stat: stat() }],
    ["with the same process ID, later", { pid: 22126, stat: stat({ started: "1476050" }) }],
    ["that the same process has become by execve", { pid: 22126, stat: stat({ stack: "140725106828800" }) }],
  ])("is another one %s", (_, parent) => {
    expect(clientOf(parent)).not.toBe(kubectl);
    expect(clientOf(parent)).toBeDefined();
  });

  it("is its process ID where nothing else is to be had", () => {
    expect(clientOf({ pid: 22126, stat: undefined })).toBe("22126");
    expect(clientOf({ pid: 22126, stat: "nonsense" })).toBe("22126-0-0");
  });

  it.each([
    ["outside of this container", { pid: 0, stat: undefined }],
    ["a machine's init, which has many children", { pid: 1, stat: stat({ name: "systemd", stack: "0" }) }],
    ["process 1 without a trace", { pid: 1, stat: undefined }],
  ])("is none when the parent is %s", (_, parent) => {
    expect(clientOf(parent)).toBeUndefined();
  });

  it("may be a container's process 1", () => {
    expect(clientOf({ pid: 1, stat: stat() })).toBeDefined();
  });
});

describe.skipIf(process.platform !== "linux")("in a real /proc", () => {
  const print = "cat /proc/$$/stat";
  const started = (text: string): string | undefined => clientOf({ pid: 1, stat: text })?.split("-")[1];

  it("this process stays the same", () => {
    const read = () => clientOf({ pid: process.pid, stat: readFileSync("/proc/self/stat", "latin1") });
    expect(read()).toMatch(/^\d+-\d+-\d{6,}$/);
    expect(read()).toBe(read());
  });

  it("a wrapper that becomes another program is another client, with the start time that it had", () => {
    const output = execFileSync("sh", ["-c", `${print}; exec sh -c '${print}; :'`]).toString();
    const [wrapper = "", program = ""] = output.split("\n");
    expect(started(program)).toBe(started(wrapper));
    expect(clientOf({ pid: 2, stat: program })).not.toBe(clientOf({ pid: 2, stat: wrapper }));
  });
});

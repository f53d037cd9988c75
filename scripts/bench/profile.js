// Where the time of a hit goes: the moments of a few system calls, which strace sees from outside, the same way for every build.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./measure.js";

const traced = "execve,open,openat,keyctl,write,writev,exit_group";
export const hasStrace = spawnSync("strace", ["--version"]).status === 0;

/**
 * @param subject a hit
 * @param {string} root the folder of Node's scripts; an executable opens none of them
 * @returns `[step, milliseconds]`, medians
 */
export function profile(subject, root, rounds) {
  const [, certificate] = /--certificate=(.*?)$/m.exec(subject.command().join("\n"));
  const opens = (text) => (call) => call.startsWith("open") && call.includes(`"${text}`);
  const isKeychain = (call) => call.startsWith("keyctl(");
  // Each step with the call that ends it.
  const ends = [
    ["the runtime starts", firstOf(opens(`${root}/`))],
    ["program and settings", firstOf(opens(certificate))],
    ["certificate and cache key", firstOf(isKeychain)],
    ["keychain", (calls, from) => calls.slice(0, firstOf(isOutput)(calls, from)).findLastIndex(isKeychain)],
    ["entry and output", firstOf(isOutput)],
    ["the process ends", (calls) => calls.length - 1],
  ];
  const runs = Array.from({ length: rounds }, () => stepsOf(trace(subject), ends));
  return runs[0].map(([step], index) => [step, median(runs.map((run) => run[index]?.[1] ?? 0))]);
}

const isOutput = (call) => /^writev?\(1,/.test(call);

function firstOf(isEnd) {
  return (calls, from) => calls.findIndex((call, index) => index >= from && isEnd(call));
}

function stepsOf(events, ends) {
  const calls = events.map(({ call }) => call);
  const steps = [];
  let at = 0;
  let before = "";
  for (const [step, findEnd] of ends) {
    const end = findEnd(calls, at);
    if (end < at) {
      before += `${step}, `;
      continue;
    }
    steps.push([`${before}${step}`, events[end].time - events[at].time]);
    [at, before] = [end, ""];
  }
  return steps;
}

/** @returns the calls in their order, with milliseconds */
function trace({ command, env, after }) {
  const folder = mkdtempSync(join(tmpdir(), "eks-x509-bench-"));
  try {
    const file = join(folder, "calls");
    // --seccomp-bpf: the other calls do not stop the process.
    const args = [
      "-f",
      "-ttt",
      "--seccomp-bpf",
      "-s",
      "400",
      "-e",
      `trace=${traced}`,
      "-o",
      file,
      ...command(),
    ];
    execFileSync("strace", args, { env, stdio: "ignore" });
    after?.();
    return [...readFileSync(file, "utf8").matchAll(/^\d+ +(\d+\.\d+) (.*)$/gm)].map(([, time, call]) => ({
      time: Number(time) * 1000,
      call,
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

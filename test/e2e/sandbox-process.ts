/** `eks-x509 sandbox` as a process, as a user starts it: the built program, with the HOME and environment that the test gives. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { commandOf, program } from "../program-under-test.ts";
import { isThorough } from "../thorough.ts";

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; never rejects for its exit code. */
export function run(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd?: string,
  timeout = 200_000,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(file, [...args], { env, cwd, timeout }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
    child.stdin?.end();
  });
}

export function emptyHome(): string {
  return mkdtempSync(join(tmpdir(), "eks-x509-home-"));
}

/** The folder of a real kube-apiserver and etcd; undefined where the tests run on the embedded API. */
export const assets = process.env["KUBEBUILDER_ASSETS"] || undefined;

/** PATH and an empty HOME: nothing of the user's own, but the control plane that the whole run is about. */
export function cleanEnvironment(home: string): NodeJS.ProcessEnv {
  const controlPlane = assets === undefined ? {} : { KUBEBUILDER_ASSETS: assets };
  return { PATH: process.env["PATH"], HOME: home, TMPDIR: home, ...controlPlane };
}

export interface RunningSandbox {
  process: ChildProcess;
  /** The variables that it printed to export, and the clean environment. */
  env: NodeJS.ProcessEnv;
  home: string;
  output: () => string;
  /** Ctrl-C, and the exit code. */
  stop: () => Promise<number | null>;
}

/** Without a COMMAND: ready when it has printed what to export. */
export async function startSandboxProcess(
  args: readonly string[] = [],
  installed = program,
  further: NodeJS.ProcessEnv = {},
): Promise<RunningSandbox> {
  const home = emptyHome();
  const env = { ...cleanEnvironment(home), ...further };
  const [file, ...before] = commandOf(installed);
  const child = spawn(file, [...before, "sandbox", ...args], { env });
  let output = "";
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("Requests, as they arrive")) resolve();
    });
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("exit", () => {
      reject(new Error(`the sandbox ended: ${output}`));
    });
  });
  await ready;
  const exports: NodeJS.ProcessEnv = {};
  for (const [, name = "", value] of output.matchAll(/^ {2}export (\w+)=(.*)$/gm)) exports[name] = value;
  const stop = async (): Promise<number | null> => {
    const ended = new Promise<number | null>((resolve) => {
      child.on("exit", (code) => {
        resolve(code);
      });
    });
    child.kill("SIGINT");
    const code = await ended;
    rmSync(home, { recursive: true, force: true });
    return code;
  };
  return { process: child, env: { ...cleanEnvironment(home), ...exports }, home, output: () => output, stop };
}

/**
 * Every kubectl on this machine: the one on PATH, and those with a version in their name beside it. The ordinary run takes the
 * one on PATH and the oldest; the others say so in their names, and have no path.
 * @param ordinary the versions of the ordinary run
 */
export function kubectls(
  ordinary: readonly string[] = ["1.27"],
): { name: string; path: string | undefined }[] {
  const onPath = (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "kubectl"))
    .find(existsSync);
  const folder = onPath && dirname(realpathSync(onPath));
  const versions = ["1.27", "1.28", "1.29", "1.30", "1.31", "1.32", "1.33"];
  return [
    { name: "kubectl", path: onPath },
    ...versions.map((version) => versioned(version, folder, ordinary)),
  ];
}

function versioned(
  version: string,
  folder: string | undefined,
  ordinary: readonly string[],
): { name: string; path: string | undefined } {
  const name = `kubectl.${version}`;
  const isTaken = isThorough || ordinary.includes(version);
  if (!isTaken) return { name: `${name} (with EKS_X509_TESTS=all)`, path: undefined };
  return { name, path: [folder && join(folder, name)].find((path) => path && existsSync(path)) };
}

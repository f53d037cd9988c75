/** An exec entry's program, run as client-go runs it, its answer judged as client-go judges it: plugin/pkg/client/auth/exec. */
import type { Environment } from "../../foundation/environment.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import { readExecCredential, type PluginCredential } from "../exec-credential-reading.ts";
import type { ExecEntry } from "../../kubeconfig/read/user.ts";
import { programName } from "../exec-entry-tool.ts";
import { execInfo } from "../exec-request.ts";
import type { Cluster } from "../../kubeconfig/read/entries.ts";
import { systemCode } from "../../foundation/system-error.ts";
import { runToEnd, type Ended } from "./child-process.ts";
import { entrySecrets } from "./entry-secrets.ts";
import type { Executable } from "./executable.ts";
import { exitFailure } from "./exit-failure.ts";
import { pluginNotStarted, pluginProblem } from "./plugin-problem.ts";
import { secretsOf, stderrLines } from "./stderr-lines.ts";

export interface PluginRun {
  entry: ExecEntry;
  executable: Executable;
  cluster: Cluster;
  /** PEM; undefined when the system's CAs are trusted. */
  certificateAuthority: Buffer | undefined;
}

export interface PluginPorts {
  env: Environment;
  platform: NodeJS.Platform;
  /** Whether stdin is a terminal, and nothing else uses it. */
  isTerminal: boolean;
  cancel?: AbortSignal | undefined;
  /** Milliseconds. */
  timeLimit?: number;
}

export interface PluginOutcome {
  /** What client-go would go on with, or why it would not. */
  result: PluginCredential | EksX509Error;
  /** Milliseconds. */
  duration: number;
  /** The last lines of stderr, without what looks like a secret. */
  stderr: readonly string[];
}

/** Tells a program that `token debug` has started it: one that runs `token debug` itself would go round for ever. */
export const debuggedVariable = "EKS_X509_TOKEN_DEBUG";

/** Long enough for somebody to sign in with a browser's help. */
const usualTimeLimit = 60_000;

export async function runPlugin(run: PluginRun, ports: PluginPorts): Promise<PluginOutcome> {
  const plugin = programName(run.entry.command);
  const { timeLimit = usualTimeLimit } = ports;
  if (run.entry.interactiveMode === "Always" && !ports.isTerminal) return notRun(needsTerminal(plugin));
  const env = pluginEnvironment(run, ports);
  try {
    const ended = await runToEnd({
      path: run.executable.path,
      name: run.entry.command,
      args: run.entry.args,
      env,
      interactive: isInteractive(run.entry, ports),
      ownGroup: ports.platform !== "win32" && !ports.isTerminal,
      timeLimit,
      cancel: ports.cancel,
    });
    const stderr = stderrLines(ended.stderr, [...secretsOf(env), ...entrySecrets(run.entry)]);
    return { result: judged(ended, stderr, run, ports), duration: ended.duration, stderr };
  } catch (error) {
    return notRun(cannotStart(plugin, run.executable.path, error));
  }
}

function isInteractive({ interactiveMode }: ExecEntry, { isTerminal }: PluginPorts): boolean {
  return interactiveMode !== "Never" && isTerminal;
}

/** The caller's, the entry's over it, and what client-go tells over both. */
function pluginEnvironment(run: PluginRun, ports: PluginPorts): Record<string, string> {
  const info = execInfo({ ...run, interactive: isInteractive(run.entry, ports) });
  const added = [
    ...run.entry.env,
    { name: "KUBERNETES_EXEC_INFO", value: info },
    { name: debuggedVariable, value: "true" },
  ];
  const env = new Map(Object.entries(ports.env));
  for (const { name, value } of added) {
    // To Windows, Path and PATH are one.
    if (ports.platform === "win32")
      for (const key of env.keys()) if (key.toUpperCase() === name.toUpperCase()) env.delete(key);
    env.set(name, value);
  }
  return Object.fromEntries(
    [...env].flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function judged(
  { code, signal, stopped, stdout }: Ended,
  stderr: readonly string[],
  { entry }: PluginRun,
  { timeLimit = usualTimeLimit }: PluginPorts,
): PluginOutcome["result"] {
  const plugin = programName(entry.command);
  if (stopped) return endedByUs(plugin, stopped, timeLimit);
  if (signal) return killed(plugin, signal);
  if (code !== 0) return exitFailure(plugin, code, stderr);
  try {
    return readExecCredential(stdout.toString("utf8"), { plugin, apiVersion: entry.apiVersion });
  } catch (error) {
    if (error instanceof EksX509Error) return error;
    throw error;
  }
}

function notRun(failure: EksX509Error): PluginOutcome {
  return { result: failure, duration: 0, stderr: [] };
}

function needsTerminal(plugin: string): EksX509Error {
  return pluginNotStarted(
    "PLUGIN_NEEDS_TERMINAL",
    `${plugin} has interactiveMode Always, and stdin is not a terminal`,
    "Run it at a terminal, or set interactiveMode to IfAvailable if the program can do without.",
  );
}

function killed(plugin: string, signal: NodeJS.Signals): EksX509Error {
  return pluginProblem(
    "PLUGIN_KILLED",
    `${plugin} was ended by ${signal}`,
    "Somebody ended it, the system for want of memory perhaps, or it crashed. Run it by hand.",
  );
}

function endedByUs(plugin: string, why: NonNullable<Ended["stopped"]>, timeLimit: number): EksX509Error {
  switch (why) {
    case "cancelled":
      return pluginProblem(
        "PLUGIN_CANCELLED",
        `${plugin} was ended before it answered`,
        "Run the command again.",
      );
    case "output":
      return pluginProblem(
        "PLUGIN_OUTPUT_TOO_LARGE",
        `${plugin} printed more than 1 MiB`,
        "stdout must hold one ExecCredential, and nothing else. Check the exec entry's command and args.",
      );
    case "time":
      return pluginProblem(
        "PLUGIN_TIMED_OUT",
        `${plugin} did not end within ${timeLimit / 1000} seconds`,
        "kubectl would go on waiting. The program may wait for the network, for a browser, or for an answer on stdin; or it has left a process behind that holds its stdout. Run it by hand.",
      );
  }
}

function cannotStart(plugin: string, path: string, error: unknown): EksX509Error {
  const code = systemCode(error);
  if (code === "ENOENT")
    return pluginNotStarted(
      "PLUGIN_INTERPRETER_MISSING",
      `${plugin} cannot be started: ${path} is there, and what its first line or the program itself is run by is not`,
      "Look at the #! line of a script: that program must exist. A binary may be for another libc (Alpine's, or glibc) or processor.",
    );
  if (code === "E2BIG")
    return pluginNotStarted(
      "PLUGIN_ARGUMENTS_TOO_LONG",
      `${plugin} cannot be started: its arguments or environment are longer than the system allows`,
      "A large certificate-authority or extension goes to the program with provideClusterInfo: true. Make it smaller, or set that to false.",
    );
  return pluginNotStarted(
    "PLUGIN_CANNOT_START",
    `${plugin} cannot be started${code ? `: ${code}` : ""}`,
    `Check ${path}: that it is a program for this machine's system and processor.`,
  );
}

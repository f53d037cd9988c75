/** An exec entry's program, run and judged as client-go does it: plugin/pkg/client/auth/exec. */
import type { Environment } from "../../foundation/ports.ts";
import { Confidential } from "../../foundation/confidential.ts";
import { EksX509Error, settled } from "../../foundation/errors.ts";
import { lastLines } from "../../foundation/foreign-text.ts";
import { Secrets } from "../../foundation/secrets.ts";
import { systemCode } from "../../foundation/system-error.ts";
import { version } from "../../foundation/version.ts";
import { readExecCredential, type PluginCredential } from "../exec-credential-reading.ts";
import { programName } from "../../kubeconfig/program-name.ts";
import { debuggedVariable } from "../entry-program.ts";
import { execInfo, type ExecRequest } from "../exec-request.ts";
import { runToEnd, type Ended } from "./child-process.ts";
import { findExecutable, isForeignBinary, type Executable } from "./executable.ts";
import { cannotStart, endFailure, needsTerminal, notTheProgram } from "./plugin-failures.ts";
import { pluginSecrets } from "./plugin-secrets.ts";

export interface PluginRun extends ExecRequest {
  executable: Executable;
}

export interface PluginPorts {
  env: Environment;
  platform: NodeJS.Platform;
  /** Does work that runs a program, which a signal to this process ends first. */
  interruptible: <Result>(work: (cancel: AbortSignal) => Promise<Result>) => Promise<Result>;
  /** Milliseconds. */
  timeLimit?: number;
  /** What the entry and the plugin hold in confidence is added to it. */
  secrets: Secrets;
}

export interface PluginOutcome {
  /** What client-go would use, or why it would refuse it. */
  result: PluginCredential | EksX509Error;
  /** Milliseconds. */
  duration: number;
  /** The last lines of stderr, without parts that look like secrets. */
  stderr: readonly string[];
}

/** The programs of exec entries on this machine: a port. */
export const plugins = { find: findExecutable, run: runPlugin, startFailure };
export type Plugins = typeof plugins;

/** Long enough to sign in with a browser. */
const usualTimeLimit = 60_000;

async function runPlugin(run: PluginRun, ports: PluginPorts): Promise<PluginOutcome> {
  const plugin = programName(run.entry.command);
  if (run.entry.interactiveMode === "Always") return notRun(needsTerminal(plugin));
  const outcome = await started(run, ports);
  if (outcome instanceof EksX509Error) return notRun(outcome);
  const { ended, stderr, failure } = outcome;
  const { apiVersion } = run.entry;
  const read = () => readExecCredential(ended.stdout.toString("utf8"), { plugin, apiVersion });
  const answer = failure ?? (await settled<PluginCredential>(Promise.resolve().then(read)));
  const result = answer instanceof EksX509Error ? await asByKernel(answer, run, ports) : answer;
  if (!(result instanceof EksX509Error)) ports.secrets.add(result.token, result.clientCertificate?.key ?? "");
  return { result, duration: ended.duration, stderr };
}

/**
 * Starts an entry of get-token as client-go would, with `--version` behind its arguments: get-token then only prints that.
 * @returns why it does not start, or that another program answers in its place
 */
async function startFailure(run: PluginRun, ports: PluginPorts): Promise<EksX509Error | undefined> {
  const { args } = run.entry;
  const end = args.indexOf("--");
  const wanted = args.toSpliced(end === -1 ? args.length : end, 0, "--version");
  const isOwn = (printed: string): boolean =>
    run.executable.relation === "this program" ? printed === version : versionForm.test(printed);
  const failure = await versionFailure(run, wanted, ports, ["eks-x509", isOwn]);
  if (failure?.code !== "PLUGIN_FAILED" && failure?.code !== "PLUGIN_NOT_EKS_X509") return failure;
  return (await nodeFailure(run, ports)) ?? failure;
}

const versionForm = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** The node that bin/eks-x509 finds can be a version manager's shim, or another program. */
async function nodeFailure(run: PluginRun, ports: PluginPorts): Promise<EksX509Error | undefined> {
  const env = pluginEnvironment(run, ports);
  const command = "node";
  const executable = await settled(
    findExecutable({ command, installHint: "" }, { ...ports, env, program: "" }),
  );
  if (executable instanceof EksX509Error) return undefined;
  const node = { ...run, entry: { ...run.entry, command }, executable };
  return versionFailure(node, ["--version"], ports, ["Node", (printed) => /^v\d+\.\d+\.\d+/.test(printed)]);
}

async function versionFailure(
  run: PluginRun,
  args: readonly string[],
  ports: PluginPorts,
  [what, isVersion]: readonly [name: string, isVersion: (printed: string) => boolean],
): Promise<EksX509Error | undefined> {
  // The report prints get-token's settings, so only the program's output is cleaned of them.
  const secrets = new Secrets();
  secrets.add(...ports.secrets);
  const outcome = await started({ ...run, entry: { ...run.entry, args } }, { ...ports, secrets });
  if (outcome instanceof EksX509Error) return outcome;
  const { ended, failure } = outcome;
  if (failure) return asByKernel(failure, run, ports);
  const text = ended.stdout.toString("utf8");
  if (isVersion(text.trim())) return undefined;
  const [printed = ""] = new Confidential(secrets).texts(lastLines({ text, isCut: false }, 1));
  return asByKernel(notTheProgram(run.executable.path, what, printed), run, ports);
}

/** The C library, and so Node, gives a program that the kernel cannot run to a shell. Go, and so kubectl, does not. */
async function asByKernel(
  failure: EksX509Error,
  { entry, executable }: PluginRun,
  { platform }: PluginPorts,
): Promise<EksX509Error> {
  const mayBeTheShells = /^PLUGIN_(FAILED|NOT_EKS_X509|OUTPUT_.*)$/.test(failure.code);
  return platform === "linux" && mayBeTheShells && (await isForeignBinary(executable.path))
    ? cannotStart(programName(entry.command), executable.path, "ENOEXEC")
    : failure;
}

interface Started {
  ended: Ended;
  stderr: readonly string[];
  failure: EksX509Error | undefined;
}

async function started(run: PluginRun, ports: PluginPorts): Promise<Started | EksX509Error> {
  const plugin = programName(run.entry.command);
  const { timeLimit = usualTimeLimit } = ports;
  const env = pluginEnvironment(run, ports);
  ports.secrets.add(...pluginSecrets(run.entry, env));
  try {
    const command = {
      path: run.executable.path,
      name: run.entry.command,
      args: run.entry.args,
      env,
      ownGroup: ports.platform !== "win32",
      timeLimit,
    };
    const ended = await ports.interruptible((cancel) => runToEnd({ ...command, cancel }));
    const stderr = new Confidential(ports.secrets).texts(lastLines(ended.stderr));
    return { ended, stderr, failure: endFailure(plugin, ended, stderr, timeLimit) };
  } catch (error) {
    return cannotStart(plugin, run.executable.path, systemCode(error));
  }
}

/** The caller's, then the entry's, then client-go's own: a later value replaces an earlier one. */
function pluginEnvironment(run: PluginRun, ports: PluginPorts): Record<string, string> {
  const added = [
    ...run.entry.env,
    { name: "KUBERNETES_EXEC_INFO", value: execInfo(run) },
    { name: debuggedVariable, value: "true" },
  ];
  const env = new Map(Object.entries(ports.env));
  for (const { name, value } of added) {
    // Windows treats Path and PATH as one variable.
    if (ports.platform === "win32")
      for (const key of env.keys()) if (key.toUpperCase() === name.toUpperCase()) env.delete(key);
    env.set(name, value);
  }
  return Object.fromEntries(
    [...env].flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function notRun(failure: EksX509Error): PluginOutcome {
  return { result: failure, duration: 0, stderr: [] };
}

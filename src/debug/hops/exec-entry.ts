/** The exec entry: its settings, and the program that it runs. */
import { EksX509Error } from "../../foundation/errors.ts";
import type { Environment } from "../../foundation/ports.ts";
import type { GetTokenInput } from "../../sign-in/input.ts";
import type { PluginCredential } from "../../exec/exec-credential-reading.ts";
import { type ExecEntry, execOf } from "../../kubeconfig/read/user.ts";
import { ownGetToken } from "../../exec/exec-entry-own.ts";
import { entryTool } from "../../exec/exec-entry-tool.ts";
import { type ExecInfo, parseExecInfo } from "../../exec/exec-info.ts";
import { execInfo } from "../../exec/exec-request.ts";
import type { Cluster } from "../../kubeconfig/read/entries.ts";
import { certificateAuthority } from "../../kubeconfig/read/cluster.ts";
import { type Executable, findExecutable } from "../../exec/plugin/executable.ts";
import { type PluginOutcome, runPlugin } from "../../exec/plugin/run-plugin.ts";
import type { Findings, Warning } from "../report/findings.ts";
import type { Place } from "./kubeconfig.ts";
import type { Fact } from "../report/report.ts";
import { entryWarnings, startOwn } from "./entry-start.ts";
import type { WalkRequest, World } from "../world.ts";

export type Entry = OwnEntry | OtherEntry;

/** An entry of eks-x509: token debug takes its steps one by one. */
export interface OwnEntry {
  kind: "own";
  input: GetTokenInput;
  env: Environment;
}

/** An entry of another tool, which was run. */
export interface OtherEntry {
  kind: "other";
  credential: PluginCredential;
  place: Place;
  clusterName: string | undefined;
  env: Environment;
}

export async function entryHops(
  findings: Findings,
  place: Place,
  request: WalkRequest,
  world: World,
): Promise<Entry | undefined> {
  const exec = await findings.on("configuration", () => execOf(place.target.user, place.target.credential));
  if (!exec) return undefined;
  const executable = await findings.on("plugin", () => findExecutable(exec, world));
  const isOurs = executable?.relation === "this program";
  const args = isAnothers(executable, world) ? undefined : ownGetToken(exec, isOurs);
  const env = entryEnvironment(exec, world.env);
  if (args) return ownEntry(findings, { exec, args, env, place, executable }, world);
  // get-token may follow other options.
  if (isOurs && !exec.args.includes("get-token")) {
    findings.fail("configuration", notGetToken(exec), entryFacts(exec));
    return undefined;
  }
  const { name, clusterName, region } = entryTool(exec);
  const another = executable?.relation === "another eks-x509" ? "another installation of " : "";
  findings.ok("configuration", `the entry runs ${another}${name}`, [
    ...fact("cluster", clusterName),
    ...fact("region", region),
    ...entryFacts(exec),
  ]);
  if (!executable) return undefined;
  if (request.isOffline) {
    findings.skip("plugin", `${name} is not run offline`, executableFacts(executable));
    return undefined;
  }
  return otherEntry(findings, { exec, executable, place, clusterName, env }, world);
}

/**
 * Another program of the same name may do anything, so it is run. On Windows a package manager puts a script of that name in
 * front of this program.
 */
function isAnothers(executable: Executable | undefined, { platform }: World): boolean {
  return executable?.relation === "another eks-x509" && platform !== "win32";
}

/** The caller's environment, overridden by the entry's. The last entry of a name counts. */
export function entryEnvironment({ env }: ExecEntry, outer: Environment): Environment {
  return { ...outer, ...Object.fromEntries(env.map(({ name, value }) => [name, value])) };
}

interface OwnProgram {
  exec: ExecEntry;
  args: readonly string[];
  env: Environment;
  place: Place;
  executable: Executable | undefined;
}

async function ownEntry(
  findings: Findings,
  { exec, args, env, place, executable }: OwnProgram,
  world: World,
): Promise<Entry | undefined> {
  const { cluster } = place.target;
  const resolved = await findings.on("configuration", async () => {
    const info = await execInfoOf(exec, cluster, world);
    const { input, facts } = await world.resolve({ args, env, cluster: info.cluster });
    findings.ok("configuration", `get-token for cluster ${input.token.clusterName}`, [
      ...facts,
      ...entryFacts(exec),
    ]);
    return input;
  });
  if (!executable) return undefined;
  const isStarted = await findings.on("plugin", async () => {
    const authority = await authorityFor(exec, cluster, world);
    const run = { entry: exec, executable, cluster, certificateAuthority: authority };
    const warnings = [...(await startOwn(run, world)), ...(await entryWarnings(exec, executable, world))];
    findings.ok("plugin", executable.path, executableFacts(executable), warnings);
    return true;
  });
  return resolved && isStarted ? { kind: "own", input: resolved, env } : undefined;
}

/** What kubectl passes on to get-token. @throws EksX509Error EXEC_INFO_INVALID */
export async function execInfoOf(entry: ExecEntry, cluster: Cluster, world: World): Promise<ExecInfo> {
  const authority = await authorityFor(entry, cluster, world);
  return parseExecInfo(execInfo({ entry, cluster, certificateAuthority: authority, interactive: false }));
}

async function authorityFor(
  { provideClusterInfo }: ExecEntry,
  cluster: Cluster,
  { readFile }: World,
): Promise<Buffer | undefined> {
  return provideClusterInfo ? certificateAuthority(cluster, readFile) : undefined;
}

interface OtherProgram {
  exec: ExecEntry;
  executable: Executable;
  place: Place;
  clusterName: string | undefined;
  env: Environment;
}

async function otherEntry(
  findings: Findings,
  { exec, executable, place, clusterName, env }: OtherProgram,
  world: World,
): Promise<Entry | undefined> {
  const found = await findings.on("plugin", async () => {
    const { cluster } = place.target;
    const authority = await certificateAuthority(cluster, world.readFile);
    const run = { entry: exec, executable, cluster, certificateAuthority: authority };
    return {
      outcome: await runPlugin(run, world),
      warnings: await entryWarnings(exec, executable, world),
    };
  });
  if (!found) return undefined;
  const { outcome, warnings } = found;
  const facts = [...executableFacts(executable), ...outcomeFacts(outcome)];
  if (outcome.result instanceof EksX509Error) {
    findings.fail("plugin", outcome.result, facts);
    return undefined;
  }
  const { result, duration } = outcome;
  const all = [...expiryWarnings(result, world.clock()), ...warnings];
  findings.ok("plugin", `it answered in ${Math.round(duration)} ms`, facts, all);
  return { kind: "other", credential: outcome.result, place, clusterName, env };
}

function expiryWarnings({ expiration }: PluginCredential, now: Date): Warning[] {
  if (expiration === undefined || expiration > now) return [];
  return [
    {
      code: "PLUGIN_CREDENTIAL_EXPIRED",
      why: `its credential expired at ${expiration.toISOString()}`,
      hint: "kubectl sends the expired credential, and runs the program again for the next request. Check this machine's clock, and clear the program's cache if it has one.",
    },
  ];
}

/** eks-x509 with these args does not print an ExecCredential. */
function notGetToken({ args }: ExecEntry): EksX509Error {
  const [first] = args;
  const found = first === undefined ? "has no args" : `has args that begin with ${shownArgument(first)}`;
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "EXEC_NOT_GET_TOKEN",
    message: `the exec entry runs eks-x509 and ${found}, not with get-token`,
    hint: "args must begin with get-token, and each option and value is one item: args: [get-token, --cluster-name, NAME]. eks-x509 update-kubeconfig writes the entry.",
  });
}

/** A command's name, perhaps misspelt. Longer text may be a secret. */
function shownArgument(word: string): string {
  return /^[\w-]{1,30}$/.test(word) ? JSON.stringify(word) : "something else";
}

function entryFacts({ apiVersion, env, provideClusterInfo }: ExecEntry): Fact[] {
  return [
    ["apiVersion", apiVersion],
    ...fact("env", env.map(({ name }) => name).join(", ")),
    ["cluster info", provideClusterInfo ? "provided" : "not provided"],
  ];
}

function executableFacts({ path, foundBy, relation }: Executable): Fact[] {
  return [
    ["executable", `${path}, found by ${foundBy === "PATH" ? "PATH" : "its path"}`],
    ["that is", relation],
  ];
}

function outcomeFacts({ stderr, duration }: PluginOutcome): Fact[] {
  return [
    ["took", `${Math.round(duration)} ms`],
    ...stderr.slice(-5).map((line, index): Fact => [index === 0 ? "stderr" : "", line]),
  ];
}

function fact(label: string, value: string | undefined): Fact[] {
  return value ? [[label, value]] : [];
}

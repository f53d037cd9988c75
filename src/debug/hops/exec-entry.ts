/** The exec entry: its settings, and the program that it runs. */
import { entryTool, ownGetToken } from "../../exec/entry-program.ts";
import { programName } from "../../kubeconfig/program-name.ts";
import type { PluginCredential } from "../../exec/exec-credential-reading.ts";
import { type ExecInfo, parseExecInfo } from "../../exec/exec-info.ts";
import { execInfo } from "../../exec/exec-request.ts";
import type { Executable } from "../../exec/plugin/executable.ts";
import type { PluginRun } from "../../exec/plugin/run-plugin.ts";
import { EksX509Error, errorsOf, settled } from "../../foundation/errors.ts";
import type { Environment } from "../../foundation/ports.ts";
import { certificateAuthority } from "../../kubeconfig/read/cluster.ts";
import type { Cluster } from "../../kubeconfig/read/entries.ts";
import { type ExecEntry, execOf } from "../../kubeconfig/read/user.ts";
import type { GetTokenInput } from "../../sign-in/input.ts";
import type { Findings, PossibleFact, Warning } from "../report/findings.ts";
import type { Fact } from "../report/report.ts";
import type { WalkRequest, World } from "../world.ts";
import type { Place } from "./kubeconfig.ts";

export type Entry = OwnEntry | OtherEntry;

/** An entry of eks-x509: token debug takes its steps one by one. */
export interface OwnEntry {
  kind: "own";
  input: GetTokenInput;
  env: Environment;
}

export interface OtherEntry {
  kind: "other";
  credential: PluginCredential;
  place: Place;
  clusterName: string | undefined;
  env: Environment;
}

interface Program {
  exec: ExecEntry;
  executable: Executable | undefined;
  place: Place;
  env: Environment;
  isOffline: boolean;
}

export async function entryHops(
  findings: Findings,
  place: Place,
  request: WalkRequest,
  world: World,
): Promise<Entry | undefined> {
  const exec = await findings.on("configuration", () => execOf(place.target.user, place.target.credential));
  if (!exec) return undefined;
  const executable = await findings.on("plugin", async () => (await world.plugins()).find(exec, world));
  const isOurs = executable?.relation === "this program";
  const args = isAnothers(executable, world) ? undefined : ownGetToken(exec, isOurs);
  const env = entryEnvironment(exec, world.env);
  const program: Program = { exec, executable, place, env, isOffline: request.isOffline };
  if (args) return ownEntry(findings, program, args, world);
  // get-token may follow other options.
  if (isOurs && !exec.args.includes("get-token")) {
    findings.fail("configuration", notGetToken(exec), entryFacts(exec));
    return undefined;
  }
  return otherEntry(findings, program, world);
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

async function ownEntry(
  findings: Findings,
  { exec, executable, place, env, isOffline }: Program,
  args: readonly string[],
  world: World,
): Promise<Entry | undefined> {
  const { cluster } = place.target;
  const resolved = await findings.on("configuration", async () => {
    const info = await execInfoOf(exec, cluster, world);
    const { input, facts } = await world.resolve({ args, env, cluster: info.cluster });
    const detail = `get-token for cluster ${input.token.clusterName}`;
    findings.ok("configuration", detail, [...facts, ...entryFacts(exec)]);
    return input;
  });
  if (!executable) return undefined;
  const isStarted = await findings.on("plugin", async () => {
    // Another program can have the name of node or kubectl.
    const mayRun = !isOffline || executable.relation === "this program";
    const run = await pluginRun(exec, executable, cluster, world);
    const started = mayRun ? await startOwn(run, world) : [];
    const warnings = [...started, ...(await entryWarnings(exec, executable, world))];
    findings.ok("plugin", executable.path, executableFacts(executable), warnings);
    return true;
  });
  return resolved && isStarted ? { kind: "own", input: resolved, env } : undefined;
}

export async function pluginRun(
  entry: ExecEntry,
  executable: Executable,
  cluster: Cluster,
  world: World,
): Promise<PluginRun> {
  return { entry, executable, cluster, certificateAuthority: await authorityFor(entry, cluster, world) };
}

/** What kubectl passes on to get-token. @throws EksX509Error EXEC_INFO_INVALID */
export async function execInfoOf(entry: ExecEntry, cluster: Cluster, world: World): Promise<ExecInfo> {
  const authority = await authorityFor(entry, cluster, world);
  return parseExecInfo(execInfo({ entry, cluster, certificateAuthority: authority }));
}

async function authorityFor(
  { provideClusterInfo }: ExecEntry,
  cluster: Cluster,
  { readFile }: World,
): Promise<Buffer | undefined> {
  return provideClusterInfo ? certificateAuthority(cluster, readFile) : undefined;
}

async function otherEntry(
  findings: Findings,
  { exec, executable, place, env, isOffline }: Program,
  world: World,
): Promise<Entry | undefined> {
  const { name, clusterName, region } = entryTool(exec);
  const another = executable?.relation === "another eks-x509" ? "another installation of " : "";
  findings.ok("configuration", `the entry runs ${another}${name}`, [
    ["cluster", clusterName],
    ["region", region],
    ...entryFacts(exec),
  ]);
  if (!executable) return undefined;
  if (isOffline) {
    findings.skip("plugin", `${name} is not run offline`, executableFacts(executable));
    return undefined;
  }
  return findings.on("plugin", async () => {
    const run = await pluginRun(exec, executable, place.target.cluster, world);
    const { result, duration, stderr } = await (await world.plugins()).run(run, world);
    const facts: Fact[] = [
      ...executableFacts(executable),
      ["took", `${Math.round(duration)} ms`],
      ...stderr.map((line, index): Fact => [index === 0 ? "stderr" : "", line]),
    ];
    if (result instanceof EksX509Error) {
      findings.fail("plugin", result, facts);
      return undefined;
    }
    const expired = expiryWarnings(result, world.clock());
    const warnings = [...expired, ...(await entryWarnings(exec, executable, world))];
    findings.ok("plugin", `it answered in ${Math.round(duration)} ms`, facts, warnings);
    return { kind: "other", credential: result, place, clusterName, env };
  });
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
  return errorsOf("usage", "configuration")(
    "EXEC_NOT_GET_TOKEN",
    `the exec entry runs eks-x509 and ${found}, not with get-token`,
    "args must begin with get-token, and each option and value is one item: args: [get-token, --cluster-name, NAME]. eks-x509 update-kubeconfig writes the entry.",
  );
}

/** A command's name, perhaps misspelt. Longer text may be a secret. */
function shownArgument(word: string): string {
  return /^[\w-]{1,30}$/.test(word) ? JSON.stringify(word) : "something else";
}

function entryFacts({ apiVersion, env, provideClusterInfo }: ExecEntry): PossibleFact[] {
  return [
    ["apiVersion", apiVersion],
    ["env", env.map(({ name }) => name).join(", ") || undefined],
    ["cluster info", provideClusterInfo ? "provided" : "not provided"],
  ];
}

function executableFacts({ path, foundBy, relation }: Executable): Fact[] {
  return [
    ["executable", `${path}, found by ${foundBy === "PATH" ? "PATH" : "its path"}`],
    ["that is", relation],
  ];
}

/** PATH without a shell's profile: of launchd, and of systemd and login(1). A client that a desktop starts has no other. */
const desktopPaths: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: "/usr/bin:/bin:/usr/sbin:/sbin",
  linux: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
};

/** Starts an entry of get-token, which then prints only its version. */
async function startOwn(run: PluginRun, world: World): Promise<Warning[]> {
  // npx may load a package from the network.
  if (programName(run.entry.command) === "npx") return [];
  const { startFailure } = await world.plugins();
  const [failure, fromDesktop] = await Promise.all([startFailure(run, world), desktopStart(run, world)]);
  if (failure) throw failure;
  return fromDesktop ? [notFromDesktop(run.executable, fromDesktop.message)] : [];
}

/** Without a start where the desktop's PATH has the same node, the only program that eks-x509 needs of it. */
async function desktopStart(run: PluginRun, world: World): Promise<EksX509Error | undefined> {
  const desktop = onDesktop(world);
  if (!desktop) return undefined;
  const [here, there] = await Promise.all([foundIn("node", world), foundIn("node", desktop)]);
  const isKnown = !(here instanceof EksX509Error || there instanceof EksX509Error);
  if (isKnown && here.path === there.path) return undefined;
  return (await world.plugins()).startFailure(run, desktop);
}

/** What works here, and may not elsewhere. */
export async function entryWarnings(
  { command, env, interactiveMode }: ExecEntry,
  executable: Executable,
  world: World,
): Promise<Warning[]> {
  const loading = env.filter(({ name, value }) => loadsCode.test(name) && value !== "");
  const desktop = onDesktop(world);
  const found = desktop && executable.foundBy === "PATH" ? await foundIn(command, desktop) : undefined;
  return [
    ...(found instanceof EksX509Error ? [notFromDesktop(executable, found.message)] : []),
    ...(interactiveMode === "Always" ? [alwaysInteractive] : []),
    ...(loading.length > 0 ? [loadingCode(loading.map(({ name }) => name))] : []),
  ];
}

function onDesktop(world: World): World | undefined {
  const PATH = desktopPaths[world.platform];
  return PATH === undefined ? undefined : { ...world, env: { ...world.env, PATH } };
}

async function foundIn(command: string, world: World): Promise<Executable | EksX509Error> {
  return settled((await world.plugins()).find({ command, installHint: "" }, world));
}

function notFromDesktop({ path }: Executable, why: string): Warning {
  return {
    code: "PLUGIN_PATH_OF_SHELL",
    why: `a client that a desktop starts cannot run it: ${why}`,
    hint: `Such a client has a shorter PATH than a terminal. Use the absolute path ${path} as command, with node beside it or on that PATH.`,
  };
}

/** client-go, plugin/pkg/client/auth/exec, isInteractive. */
const alwaysInteractive: Warning = {
  code: "PLUGIN_ALWAYS_INTERACTIVE",
  why: "interactiveMode is Always: without a terminal on stdin, and where kubectl reads a manifest from stdin, kubectl fails (exec plugin cannot support interactive mode)",
  hint: "Scripts, clients with a window and kubectl apply -f - have no terminal for the plugin. Set interactiveMode: IfAvailable in the exec entry, or Never if the key needs no password.",
};

/** Variables by which a dynamic linker, an interpreter or OpenSSL loads code of others. See SECURITY.md. */
const loadsCode =
  /^(NODE_OPTIONS|NODE_PATH|LD_\w+|DYLD_\w+|OPENSSL_(CONF|MODULES|ENGINES)|GCONV_PATH|BASH_ENV|ENV|PATH|PYTHON(PATH|HOME|STARTUP)|PERL5(OPT|LIB)|RUBY(OPT|LIB)|JAVA_TOOL_OPTIONS)$/;

function loadingCode(names: readonly string[]): Warning {
  return {
    code: "PLUGIN_ENV_LOADS_CODE",
    why: `the entry's env sets ${names.join(", ")}, which can run other code in the program`,
    hint: "kubectl's allow-list of plugins looks only at the command. Remove it from the exec entry unless you know why it is there.",
  };
}

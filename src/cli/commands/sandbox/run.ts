/** `eks-x509 sandbox`: starts the sandbox, runs COMMAND against it or waits, and removes everything. */
import { once } from "node:events";
import { delimiter, resolve } from "node:path";
import type { Ports } from "../../../sign-in/ports.ts";
import { EksX509Error, type Hop } from "../../../foundation/errors.ts";
import { CommandNotStarted, runCommand, type SignalSource } from "../../../sandbox/command.ts";
import { openSandbox, type OpenSandbox, type Rehearsal } from "../../../sandbox/open-sandbox.ts";
import { authenticationModes } from "../../../sandbox/aws/account.ts";
import type { WireEvent } from "../../../sandbox/wire.ts";
import { systemCode } from "../../../foundation/system-error.ts";
import { clusterName, regionNamed, roleArn, rolesAnywhereArn } from "../../settings/input.ts";
import { sandboxDuration } from "./duration.ts";
import { banner, eventLine } from "./text.ts";

/** As yargs has parsed them. */
export interface SandboxFlags {
  /** Without duplicates. */
  clusterNames?: readonly string[] | undefined;
  /** One of the option's choices. */
  authenticationMode?: string | undefined;
  region?: string | undefined;
  certificate?: string | undefined;
  privateKey?: string | undefined;
  trustAnchor?: string | undefined;
  awsAuth?: string | undefined;
  trustAnchorArn?: string | undefined;
  profileArn?: string | undefined;
  roleArn?: string | undefined;
  sessionDuration?: string | undefined;
  verbose?: boolean | undefined;
}

/**
 * @returns COMMAND's exit code; 0 after Ctrl-C without one
 * @throws EksX509Error
 */
export async function runSandbox(
  flags: SandboxFlags,
  command: readonly string[],
  root: Ports,
): Promise<number> {
  checkNames(flags);
  const rehearsal = await readRehearsal(flags, root);
  // From here on there is something to clean up, so a signal requests the end and does not end the process.
  const ended = untilSignal(root.signals);
  const sandbox = await start(flags, { ...rehearsal, signal: ended }, command, root).catch(
    (error: unknown) => {
      if (ended.aborted) return undefined;
      throw error;
    },
  );
  if (sandbox === undefined) return 0;
  try {
    if (ended.aborted) return 0;
    return await (command.length > 0 ? run(command, sandbox, root) : wait(sandbox, ended, root));
  } finally {
    await sandbox.close();
  }
}

function untilSignal(signals: SignalSource): AbortSignal {
  const ended = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)
    signals.on(signal, () => {
      ended.abort();
    });
  return ended.signal;
}

async function start(
  flags: SandboxFlags,
  rehearsal: Rehearsal & { signal: AbortSignal },
  command: readonly string[],
  root: Ports,
): Promise<OpenSandbox> {
  const withCommand = command.length > 0;
  const tell = withCommand ? root.streams.stderr : root.streams.stdout;
  const isTold = !withCommand || flags.verbose === true;
  // The convention of envtest: a folder with kube-apiserver and etcd.
  const assets = root.env["KUBEBUILDER_ASSETS"];
  const opened = openSandbox({
    ...rehearsal,
    controlPlane: assets ? { assets: resolve(assets) } : undefined,
    program: root.machine.program,
    cacheMode: root.env["EKS_X509_CACHE"],
    temporaryFolder: root.machine.temporaryFolder,
    now: root.clock,
    onEvent: (event) => {
      if (isTold || isCause(event)) tell(eventLine(event)).catch(() => undefined);
    },
  });
  return opened.catch((error: unknown) => {
    throw systemCode(error) === "" || error instanceof EksX509Error ? error : notOpened(systemCode(error));
  });
}

/** With the checks of get-token, whose command line the sandbox writes, so an error is reported once and before anything starts. */
function checkNames({
  clusterNames = [],
  region,
  roleArn: role,
  trustAnchorArn,
  profileArn,
}: SandboxFlags): void {
  const setting = (value: string, flag: string) => ({ value, source: `--${flag}` });
  for (const name of clusterNames) clusterName(setting(name, "cluster-name"));
  if (region !== undefined) regionNamed(setting(region, "region"));
  if (role !== undefined) roleArn(setting(role, "role-arn"));
  if (trustAnchorArn !== undefined)
    rolesAnywhereArn(setting(trustAnchorArn, "trust-anchor-arn"), "trust-anchor");
  if (profileArn !== undefined) rolesAnywhereArn(setting(profileArn, "profile-arn"), "profile");
}

/** A refusal that kubectl prints only as "Unauthorized". kubectl prints refusals of RBAC itself. */
function isCause({ hop, verdict }: WireEvent): boolean {
  return verdict === "refused" && hop !== "kubernetes";
}

async function readRehearsal(flags: SandboxFlags, { readFile }: Ports): Promise<Rehearsal> {
  const { certificate, privateKey, trustAnchor, awsAuth } = flags;
  const text = async (path: string | undefined, given: string, hop: Hop): Promise<string | undefined> =>
    path === undefined
      ? undefined
      : Buffer.from((await readFile(path, { given, hop, category: "usage" })).bytes).toString();
  const own = [certificate, privateKey, trustAnchor].filter((path) => path !== undefined);
  if (own.length !== 0 && own.length !== 3) throw halfIdentity();
  const [firstCluster, ...otherClusters] = new Set(flags.clusterNames);
  return {
    ...flags,
    clusterNames: firstCluster === undefined ? undefined : [firstCluster, ...otherClusters],
    authenticationMode: authenticationModes.find((mode) => mode === flags.authenticationMode),
    sessionDuration: sandboxDuration(flags.sessionDuration),
    certificateFile: certificate && resolve(certificate),
    privateKeyFile: privateKey && resolve(privateKey),
    trustAnchor: await text(trustAnchor, "--trust-anchor", "sandbox"),
    awsAuth: await text(awsAuth, "--aws-auth", "sandbox"),
  };
}

async function run(
  command: readonly string[],
  sandbox: OpenSandbox,
  { env, signals }: Ports,
): Promise<number> {
  const path = [sandbox.commandFolder, env["PATH"]].filter(Boolean).join(delimiter);
  try {
    return await runCommand(command, { ...env, ...sandbox.env, PATH: path }, signals);
  } catch (error) {
    if (error instanceof CommandNotStarted) throw notStarted(command[0] ?? "", error.code);
    throw error;
  }
}

async function wait(
  sandbox: OpenSandbox,
  ended: AbortSignal,
  { streams: { stdout } }: Ports,
): Promise<number> {
  await stdout(banner(sandbox));
  if (!ended.aborted) await once(ended, "abort");
  return 0;
}

function halfIdentity(): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "sandbox",
    code: "SANDBOX_IDENTITY_INCOMPLETE",
    message: "a rehearsal needs all three of --certificate, --private-key and --trust-anchor",
    hint: "Pass all three, or none. Without them the sandbox issues a CA and a certificate.",
  });
}

function notStarted(command: string, code: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "sandbox",
    code: "SANDBOX_COMMAND",
    message: `the command ${command} cannot be started (${code})`,
    hint: "Check its name and PATH. For pipes and && run a shell: eks-x509 sandbox -- sh -c 'kubectl get ns | wc -l'",
  });
}

function notOpened(code: string): EksX509Error {
  return new EksX509Error({
    category: "other",
    hop: "sandbox",
    code: "SANDBOX_NOT_STARTED",
    message: `the sandbox cannot start (${code})`,
    hint: "It needs some space in TMPDIR and a free port on 127.0.0.1.",
  });
}

/** `eks-x509 sandbox`: starts the sandbox, runs COMMAND against it or waits, and removes everything. */
import { once } from "node:events";
import { readRoleFile, sameRole } from "../../settings/administrator-files.ts";
import { clusterName, externalId, regionNamed, roleArn, rolesAnywhereArn } from "../../settings/input.ts";
import type { Setting } from "../../settings/settings.ts";
import { printable, shown } from "../../../foundation/shown.ts";
import type { CommandPorts, Flags } from "../../command.ts";
import { EksX509Error, errorsOf } from "../../../foundation/errors.ts";
import { systemCode } from "../../../foundation/system-error.ts";
import { isElsewhere } from "../../../keys/identity-sources.ts";
import { mayAsk } from "../../../keys/question.ts";
import { authenticationModes } from "../../../aws/eks/describe-cluster.ts";
import type { OpenSandbox, Rehearsal } from "../../../sandbox/open-sandbox.ts";
import type { WireEvent } from "../../../sandbox/wire.ts";
import type { Ports } from "../../../sign-in/ports.ts";

/** @returns COMMAND's exit code; 0 after Ctrl-C without one */
export async function runSandbox(flags: Flags, root: CommandPorts): Promise<number> {
  checkNames(flags);
  checkAccount(flags);
  const rehearsal = await readRehearsal(flags, root);
  // From here on there is something to clean up, so a signal requests the end and does not end the process.
  const ended = untilSignal(root.signals);
  const sandbox = await start(flags, { ...rehearsal, signal: ended }, root).catch((error: unknown) => {
    if (ended.aborted) return undefined;
    throw error;
  });
  if (sandbox === undefined) return 0;
  try {
    if (ended.aborted) return 0;
    return await (flags.command.length > 0
      ? sandbox.run(flags.command, root.env, root.signals)
      : wait(sandbox, ended, root));
  } finally {
    await sandbox.close();
  }
}

const sandboxUsage = errorsOf("usage", "sandbox");

function untilSignal(signals: Ports["signals"]): AbortSignal {
  const ended = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)
    signals.on(signal, () => {
      ended.abort();
    });
  return ended.signal;
}

async function start(
  flags: Flags,
  rehearsal: Rehearsal & { signal: AbortSignal },
  root: CommandPorts,
): Promise<OpenSandbox> {
  const hasCommand = flags.command.length > 0;
  const log = hasCommand ? root.streams.stderr : root.streams.stdout;
  const logsAll = !hasCommand || flags.isOn("verbose") === true;
  // The convention of envtest: a folder with kube-apiserver and etcd.
  const assets = root.env["KUBEBUILDER_ASSETS"];
  const opened = root.sandbox({
    ...rehearsal,
    controlPlane: assets ? { assets: root.machine.paths.resolve(assets) } : undefined,
    program: root.machine.program,
    cacheMode: root.env["EKS_X509_CACHE"],
    temporaryFolder: root.machine.temporaryFolder,
    now: root.clock,
    secrets: root.secrets,
    onEvent: (event) => {
      if (logsAll || isCause(event)) log(eventLine(event)).catch(() => undefined);
    },
  });
  return opened.catch((error: unknown) => {
    const code = systemCode(error);
    if (code === "" || error instanceof EksX509Error) throw error;
    throw errorsOf("other", "sandbox")(
      "SANDBOX_NOT_STARTED",
      `the sandbox cannot start (${code})`,
      "It needs some space in TMPDIR and a free port on 127.0.0.1.",
    );
  });
}

/** With the checks of get-token, whose command line the sandbox writes, so an error is reported once and before anything starts. */
function checkNames(flags: Flags): void {
  for (const value of flags.list("cluster-name")) clusterName({ value, source: "--cluster-name" });
  const check = (flag: string, read: (setting: Setting) => unknown): void => {
    const value = flags.text(flag);
    if (value !== undefined) read({ value, source: `--${flag}` });
  };
  check("region", regionNamed);
  check("role-arn", roleArn);
  check("assume-role-arn", roleArn);
  check("external-id", externalId);
  check("trust-anchor-arn", (setting) => rolesAnywhereArn(setting, "trust-anchor"));
  check("profile-arn", (setting) => rolesAnywhereArn(setting, "profile"));
}

/** An empty account has nothing that these could describe. @throws EksX509Error SANDBOX_ACCOUNT_EMPTY */
export function checkAccount(flags: Flags): void {
  if (flags.text("account") !== "empty") return;
  const described = [
    ...["certificate", "private-key", "intermediates", "trust-anchor", "aws-auth"],
    ...["trust-policy", "trust-anchor-arn", "profile-arn"],
  ];
  const given = described.find((name) => flags.text(name) !== undefined);
  if (given === undefined) return;
  throw sandboxUsage(
    "SANDBOX_ACCOUNT_EMPTY",
    `--${given} has no effect with --account empty`,
    "Omit one of them. In an empty account, the commands of an administrator create everything.",
  );
}

function checkIdentity(flags: Flags): void {
  const given = (...names: readonly string[]): string[] =>
    names.filter((flag) => flags.text(flag) !== undefined);
  const hasBoth = given("certificate", "trust-anchor").length === 2;
  if (hasBoth || given("certificate", "trust-anchor", "private-key", "intermediates").length === 0) return;
  throw sandboxUsage(
    "SANDBOX_IDENTITY_INCOMPLETE",
    "a rehearsal needs both --certificate and --trust-anchor",
    "Pass both, with --private-key and --intermediates if needed, or none. Without them the sandbox issues a CA and a certificate.",
  );
}

/** A refusal that kubectl prints only as "Unauthorized". kubectl prints refusals of RBAC itself. */
function isCause({ hop, verdict }: WireEvent): boolean {
  return verdict === "refused" && hop !== "kubernetes";
}

async function readRehearsal(flags: Flags, { readFile, readOptional, machine }: Ports): Promise<Rehearsal> {
  const content = async (flag: string): Promise<Uint8Array | undefined> => {
    const path = flags.text(flag);
    const role = { given: `--${flag}`, hop: "sandbox", category: "usage" } as const;
    return path === undefined ? undefined : (await readFile(path, role)).bytes;
  };
  const path = (flag: string): string | undefined => {
    const file = flags.text(flag);
    return file === undefined || isElsewhere({ path: file }) ? file : machine.paths.resolve(file);
  };
  checkIdentity(flags);
  const certificate = path("certificate");
  const privateKey = path("private-key") ?? certificate;
  const policy = flags.text("trust-policy");
  const role = policy === undefined ? undefined : await readRoleFile(policy, readFile);
  const [firstCluster, ...otherClusters] = new Set(flags.list("cluster-name"));
  return {
    region: flags.text("region"),
    isEmpty: flags.text("account") === "empty",
    trustAnchorArn: flags.text("trust-anchor-arn"),
    profileArn: flags.text("profile-arn"),
    roleArn: sameRole(flags.text("role-arn"), role?.role?.arn),
    assumeRoleArn: flags.text("assume-role-arn"),
    externalId: flags.text("external-id"),
    trustDocument: role?.document,
    maxSessionDuration: role?.role?.maxSessionDuration,
    clusterNames: firstCluster === undefined ? undefined : [firstCluster, ...otherClusters],
    authenticationMode: authenticationModes.find((mode) => mode === flags.text("authentication-mode")),
    sessionDuration: sandboxDuration(flags.text("session-duration")),
    certificate,
    privateKey,
    mayAsk: certificate !== undefined && (await mayAsk(givenFiles(certificate, privateKey), readOptional)),
    intermediatesFile: path("intermediates"),
    trustAnchor: await content("trust-anchor"),
    awsAuth: new TextDecoder().decode(await content("aws-auth")) || undefined,
  };
}

function givenFiles(certificate: string, privateKey = certificate) {
  return {
    certificate: { path: certificate, source: "--certificate" },
    privateKey: { path: privateKey, source: "--private-key" },
    access: {},
  };
}

async function wait(sandbox: OpenSandbox, ended: AbortSignal, { streams }: Ports): Promise<number> {
  await streams.stdout(banner(sandbox));
  if (!ended.aborted) await once(ended, "abort");
  return 0;
}

/** Seconds. A token expires one minute before its session, so a session must be longer. IAM's maximum is twelve hours. */
const shortest = 62;
const longest = 43_200;

export function sandboxDuration(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^[1-9]\d{0,5}$/.test(value) ? Number(value) : 0;
  if (seconds >= shortest && seconds <= longest) return seconds;
  throw sandboxUsage(
    "SANDBOX_SESSION_DURATION",
    `--session-duration ${shown(value)} is not a number of seconds from ${shortest} to ${longest}`,
    "A token expires one minute before its session: 75 creates tokens of 15 seconds.",
  );
}

function banner({ env, clusters, isAdministered }: OpenSandbox): string {
  const [name = "", ...others] = clusters.map(({ clusterName }) => clusterName);
  const lines = [
    ...whereItIs(clusters),
    ...Object.entries(env).map(([variable, value]) => `  export ${variable}=${value}`),
    "  kubectl auth whoami",
    "  kubectl get ns",
    "  kubectl create ns test",
    ...(isAdministered ? [`  kubectl --context ${name}-admin create ns test`] : []),
    ...others.map((other) => `  kubectl --context ${other} get ns`),
    "Requests, as they arrive (Ctrl-C ends the sandbox):",
  ];
  return `${lines.join("\n")}\n`;
}

function whereItIs(clusters: OpenSandbox["clusters"]): string[] {
  const lines = clusters.map(
    ({ clusterName, kubernetesEndpoint, kubernetes }) =>
      `cluster ${clusterName} at ${kubernetesEndpoint} (${kubernetes})`,
  );
  if (lines.length === 1) return [`The sandbox is up: ${lines.join()}. In another terminal:`];
  return ["The sandbox is up:", ...lines.map((line) => `  ${line}`), "In another terminal:"];
}

function eventLine({ hop, cluster, verdict, what, who, why }: WireEvent): string {
  const mark = verdict === "accepted" ? "✓" : "✗";
  const words = [mark, hop.padEnd(13), cluster && `${cluster}:`, what, who && `— ${who}`, why && `(${why})`];
  return `${printable(words.filter(Boolean).join(" "))}\n`;
}

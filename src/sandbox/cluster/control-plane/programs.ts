/** Starts etcd and kube-apiserver, waits for them, and starts one again if it ends. */
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Guard } from "../../guard.ts";
import type { SandboxCertificates } from "../../sandbox-certificates.ts";
import { sandboxFailure, sandboxUsage } from "../../sandbox-error.ts";
import type { OnEvent } from "../../wire.ts";

export interface ProgramsOptions {
  guard: Guard;
  /** The name of `folder` in the sandbox's folder. */
  name: string;
  /** The folder of the programs and of their logs. */
  folder: string;
  /** The folder with both programs. */
  assets: string;
  /** Whether the API server at this port is ready. Called repeatedly. */
  isReady: (port: number) => Promise<boolean>;
  /** The sandbox is ending: nothing is waited for and nothing is started again. */
  signal: AbortSignal;
  onEvent: OnEvent;
}

/** A start takes three seconds on an idle machine, and many times that on a busy one. */
const patience = 120;

/** Maximum number of attempts if kube-apiserver finds its port in use. */
const ports = 4;

/** @returns the port of the ready API server  @throws {EksX509Error} with the name of the program that failed */
export async function startPrograms(options: ProgramsOptions): Promise<number> {
  const etcd = start(options, "etcd", etcdFlags);
  const deadline = AbortSignal.any([options.signal, AbortSignal.timeout(patience * 1000)]);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const apiServer = start(options, "kube-apiserver", apiServerFlags(port));
    const ended = await firstOf(options, [etcd.ended, apiServer.ended], port, deadline);
    if (ended === undefined) {
      for (const program of [etcd, apiServer]) keepRunning(options, program).catch(() => undefined);
      return port;
    }
    const lines = await lastLines(join(options.folder, `${ended.name}.log`));
    const lostPort = ended.name === "kube-apiserver" && lines.join().includes("address already in use");
    if (!lostPort || attempt === ports)
      throw sandboxFailure(
        "SANDBOX_CONTROL_PLANE_FAILED",
        `${ended.name} ended with code ${ended.code} before it was ready`,
        `${printed(lines)}. Check that the programs in KUBEBUILDER_ASSETS are built for this machine, and that TMPDIR has space.`,
      );
  }
}

type Program = ReturnType<typeof start>;
type Ended = Awaited<Program["ended"]>;

function start({ guard, name: folder, assets }: ProgramsOptions, name: string, flags: readonly string[]) {
  const ended = guard.run(`${folder}/${name}`, [join(assets, name), ...flags]);
  return { name, flags, ended: ended.then((code) => ({ name, code })) };
}

/** The program that ended first; undefined if the API server was ready before. */
async function firstOf(
  { folder, isReady, signal }: ProgramsOptions,
  ended: readonly Promise<Ended>[],
  port: number,
  deadline: AbortSignal,
): Promise<Ended | undefined> {
  const over = new AbortController();
  try {
    return await Promise.race([
      ...ended,
      untilReady(() => isReady(port), AbortSignal.any([over.signal, deadline])),
    ]);
  } catch (error) {
    if (signal.aborted || !deadline.aborted) throw error;
    throw sandboxFailure(
      "SANDBOX_CONTROL_PLANE_NOT_READY",
      `kube-apiserver was not ready after ${patience} seconds`,
      `${printed(await lastLines(join(folder, "kube-apiserver.log")))}. The machine may be too busy. Unset KUBEBUILDER_ASSETS to use the embedded API, which needs far less.`,
    );
  } finally {
    over.abort();
  }
}

async function untilReady(isReady: () => Promise<boolean>, over: AbortSignal): Promise<undefined> {
  over.throwIfAborted();
  // A missing answer must not delay the end.
  const ended = once(over, "abort").then(() => Promise.reject(new Error("the start ended")));
  while (!(await Promise.race([isReady(), ended]))) await delay(100, undefined, { signal: over });
  return undefined;
}

/** Milliseconds before an ended program is started again, at the same port and with the same data. */
const pause = 1000;

/** Rejects when the sandbox ends. */
async function keepRunning(options: ProgramsOptions, { name, flags, ended }: Program): Promise<never> {
  const { code } = await ended;
  options.signal.throwIfAborted();
  const why = `it ended with code ${code}, and is started again`;
  options.onEvent({ hop: "kubernetes", what: name, verdict: "refused", who: "", why });
  await delay(pause, undefined, { signal: options.signal, ref: false });
  return keepRunning(options, start(options, name, flags));
}

/** A port of 127.0.0.1 that is free now. Another program can take it before it is used. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

const longestLine = 240;

/** The last lines that a program printed, shortened for a message. */
async function lastLines(log: string): Promise<readonly string[]> {
  const text = await readFile(log, "utf8").catch(() => "");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-4).map((line) => line.slice(0, longestLine));
}

const printed = (lines: readonly string[]) =>
  lines.length === 0 ? "It printed nothing." : `Its last lines: ${lines.join(" | ")}`;

/**
 * Checks the folder that KUBEBUILDER_ASSETS names, as in envtest.
 * @throws {EksX509Error} if a program is missing, because the embedded API must not replace them silently
 */
export async function checkAssets(folder: string): Promise<void> {
  for (const name of ["etcd", "kube-apiserver"]) {
    const path = join(folder, name);
    const isProgram = access(path, constants.X_OK).then(async () => (await stat(path)).isFile());
    if (await isProgram.catch(() => false)) continue;
    throw sandboxUsage(
      "SANDBOX_CONTROL_PLANE_MISSING",
      `the folder in KUBEBUILDER_ASSETS contains no program ${name}`,
      "It must contain kube-apiserver and etcd. scripts/build-control-plane in the project's repository builds them. Unset the variable to use the embedded API.",
    );
  }
}

/** The sandbox's user name in its own API server. */
const admin = "eks-x509-sandbox";

export const auditLogName = "audit.log";

/** Names and contents of the files in kube-apiserver's folder. `adminToken` is the sandbox's own, which sets up the cluster. */
export function apiServerFiles(
  { server, tlsAuthority }: SandboxCertificates,
  webhookUrl: string,
  adminToken: string,
): Readonly<Record<string, string>> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return {
    "server.pem": server.certificate,
    "server.key": server.privateKey,
    "webhook-ca.pem": tlsAuthority.certificate,
    "service-accounts.key": privateKey,
    "service-accounts.pub": publicKey,
    "tokens.csv": `${adminToken},${admin},${admin},system:masters\n`,
    "webhook.json": JSON.stringify(webhook(webhookUrl)),
    "audit-policy.json": JSON.stringify(auditPolicy),
  };
}

/** kube-apiserver accepts JSON as YAML. The path is that of the real authenticator. */
function webhook(server: string): object {
  const name = "eks-x509-sandbox-authenticator";
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server, "certificate-authority": "webhook-ca.pem" } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
}

/** Records each request and its result, except the API server's own requests and the sandbox's. */
const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "None", users: ["system:apiserver", admin] }, { level: "Metadata" }],
};

const apiServerFlags = (port: number): readonly string[] => [
  `--etcd-servers=${clientAddress}`,
  `--secure-port=${port}`,
  "--bind-address=127.0.0.1",
  // By default it looks for an address that is not loopback and fails on a machine without a network. No client uses this one.
  "--advertise-address=192.0.2.1",
  "--endpoint-reconciler-type=none",
  "--service-cluster-ip-range=10.0.0.0/24",
  "--tls-cert-file=server.pem",
  "--tls-private-key-file=server.key",
  "--service-account-issuer=https://kubernetes.default.svc",
  "--service-account-key-file=service-accounts.pub",
  "--service-account-signing-key-file=service-accounts.key",
  "--authorization-mode=RBAC",
  "--token-auth-file=tokens.csv",
  "--authentication-token-webhook-config-file=webhook.json",
  "--authentication-token-webhook-version=v1",
  // The default is two minutes, in which a revoked user still has access.
  "--authentication-token-webhook-cache-ttl=0s",
  // This admission plugin requires a service account that a controller creates, and no controller runs.
  "--disable-admission-plugins=ServiceAccount",
  "--audit-policy-file=audit-policy.json",
  `--audit-log-path=${auditLogName}`,
];

/** Sockets in the private folder that both programs run in: no port, no TLS. Their paths are short enough for a socket. */
const clientAddress = "unix://etcd:2379";
const peerAddress = "unix://etcd:2380";

const etcdFlags: readonly string[] = [
  "--name=sandbox",
  "--data-dir=etcd-data",
  `--listen-client-urls=${clientAddress}`,
  `--advertise-client-urls=${clientAddress}`,
  `--listen-peer-urls=${peerAddress}`,
  `--initial-advertise-peer-urls=${peerAddress}`,
  `--initial-cluster=sandbox=${peerAddress}`,
  // The data need not survive a power loss.
  "--unsafe-no-fsync",
  "--log-level=warn",
];

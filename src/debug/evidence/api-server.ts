/** The API server of a kubeconfig's context, asked as kubectl asks it: which user it sees, and what that user may do. */
import type { Environment } from "../../foundation/ports.ts";
import type { PluginCredential } from "../../exec/exec-credential-reading.ts";
import { EksX509Error, errorsOf, settled } from "../../foundation/errors.ts";
import { certificateAuthority } from "../../kubeconfig/read/cluster.ts";
import type { Target } from "../../kubeconfig/read/context.ts";
import type { ApiAccess } from "../../kubernetes-api/access.ts";
import {
  canI,
  serverVersion,
  whoAmI,
  type Access,
  type KubernetesUser,
} from "../../kubernetes-api/questions.ts";
import { serverTls } from "../../kubernetes-api/server-tls.ts";
import type { World } from "../world.ts";

/** What a client presents: a bearer token, or a client certificate and its key in PEM. */
export type Shown = Partial<Pick<PluginCredential, "token" | "clientCertificate">>;

export async function apiAccess(
  { cluster, user }: Target,
  { token, clientCertificate }: Shown,
  ports: Pick<World, "http" | "readFile" | "env" | "platform">,
): Promise<ApiAccess> {
  const own = (await certificateAuthority(cluster, ports.readFile))?.toString("utf8");
  const needsSystems = own === undefined && !cluster.insecureSkipTlsVerify;
  const tls = serverTls({
    certificateAuthority: needsSystems ? await systemAuthorities(ports) : own,
    clientCertificate: clientCertificate?.certificate,
    clientKey: clientCertificate?.key,
    tlsServerName: cluster.tlsServerName,
    insecureSkipTlsVerify: cluster.insecureSkipTlsVerify,
  });
  const proxy = cluster.proxyUrl ? new URL(cluster.proxyUrl) : undefined;
  return {
    server: { url: new URL(cluster.server), tls, proxy, hasNoAuthority: own === undefined },
    token: token || undefined,
    impersonate: user.impersonate.user === "" ? undefined : user.impersonate,
    http: await ports.http(kubectlEnvironment(ports.env)),
  };
}

/**
 * kubectl sends requests in its own environment, not in the exec entry's, and ignores AWS_CA_BUNDLE. Go's net/http ignores
 * ALL_PROXY, and prefers upper case (golang.org/x/net/http/httpproxy, FromEnvironment).
 */
export function kubectlEnvironment(env: Environment): Environment {
  const rest = Object.entries(env).filter(([name]) => !notKubectls.has(name));
  const proxies = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"].flatMap((name): [string, string][] => {
    const value = env[name] || env[name.toLowerCase()];
    return value ? [[name.toLowerCase(), value]] : [];
  });
  return Object.fromEntries([...rest, ...proxies]);
}

const notKubectls: ReadonlySet<string> = new Set(["AWS_CA_BUNDLE", "ALL_PROXY", "all_proxy"]);

/** Where Linux distributions keep the CAs that they trust. Go, crypto/x509, certFiles. */
const bundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

const bundleRole = {
  given: "the system's CAs",
  hop: "api-server",
  category: "usage",
  limit: 4 * 1024 * 1024,
} as const;

/**
 * PEM of the CAs that kubectl trusts when the cluster names none: SSL_CERT_FILE, or the system's bundle.
 * @returns undefined if no such file exists, as on macOS and Windows, where Node's own CAs are the closest
 */
export async function systemAuthorities({
  env,
  platform,
  readFile,
}: Pick<World, "env" | "platform" | "readFile">): Promise<string | undefined> {
  if (platform === "darwin" || platform === "win32") return undefined;
  const { SSL_CERT_FILE: own } = env;
  for (const path of own ? [own] : bundles) {
    const file = await settled(readFile(path, bundleRole));
    // Go skips a bundle that it cannot read.
    if (!(file instanceof EksX509Error)) return Buffer.from(file.bytes).toString("utf8");
  }
  return undefined;
}

export interface ApiEvidence {
  version?: string | undefined;
  /** Undefined when the server is too old to report it. */
  user?: KubernetesUser | undefined;
  access?: Access | undefined;
  /** The user that the kubeconfig's `as` makes of the caller; undefined without `as`. */
  actingAs?: KubernetesUser | undefined;
  /** What ended the questions. */
  problem?: EksX509Error | undefined;
}

/** Anybody may get /version. It separates a server that cannot be reached from one that refuses the token. */
export async function askApiServer(access: ApiAccess): Promise<ApiEvidence> {
  const evidence: ApiEvidence = {};
  const problem = await settled(askAll(access, evidence));
  if (problem) evidence.problem = isAboutAnonymous(problem) ? credentialLost() : explained(problem, access);
  return evidence;
}

async function askAll(access: ApiAccess, evidence: ApiEvidence): Promise<void> {
  const own = { ...access, impersonate: undefined };
  evidence.version = await versionOf(own);
  const user = await whoAmI(own);
  if (user?.username === anonymous) throw credentialLost();
  evidence.user = user;
  if (access.impersonate) evidence.actingAs = await whoAmI(access);
  evidence.access = await canI(access);
}

/** A server may hide its version from anonymous callers. */
async function versionOf(access: ApiAccess): Promise<string | undefined> {
  const version = await settled(serverVersion({ ...access, token: undefined }));
  if (!(version instanceof EksX509Error)) return version;
  if (version.category === "network" || version.category === "usage") throw version;
  return undefined;
}

/** The user of a request without a credential. The server answers 401 to a credential that it refuses. */
const anonymous = "system:anonymous";

function isAboutAnonymous({ code, message }: EksX509Error): boolean {
  return code === "API_REVIEW_FORBIDDEN" && message.includes(anonymous);
}

/** If the kubeconfig names no CA, its CA cannot be the wrong one. */
function explained(error: EksX509Error, { server }: ApiAccess): EksX509Error {
  if (error.code !== "API_TLS_UNTRUSTED" || !server.hasNoAuthority) return error;
  return errorsOf("network", "api-server")(
    "API_CA_NOT_GIVEN",
    `${error.message}, and the kubeconfig's cluster names no CA`,
    "kubectl then trusts the system's CAs, or those of SSL_CERT_FILE. It ignores AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS. An EKS cluster has its own CA: set certificate-authority-data (aws eks update-kubeconfig).",
  );
}

function credentialLost(): EksX509Error {
  return errorsOf("refused", "api-server")(
    "API_CREDENTIAL_LOST",
    `the API server sees the caller as ${anonymous}: the credential did not reach it`,
    "A proxy or load balancer that ends TLS before the API server drops the Authorization header or the client certificate. Check the cluster's server and proxy-url in the kubeconfig.",
  );
}

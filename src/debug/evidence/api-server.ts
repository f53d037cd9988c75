/** The API server of a kubeconfig's context, asked as kubectl asks it: which user it sees, and what that user may do. */
import type { Environment } from "../../foundation/ports.ts";
import { EksX509Error } from "../../foundation/errors.ts";
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

/** A bearer token, or a client certificate and its key in PEM. */
export interface Shown {
  token?: string | undefined;
  certificate?: { certificate: string; key: string } | undefined;
}

type ApiPorts = Pick<World, "http" | "readFile" | "env" | "platform">;

/** @throws EksX509Error KUBECONFIG_CA_…, API_CA_UNREADABLE, API_CLIENT_… */
export async function apiAccess(
  { cluster, user }: Target,
  { token, certificate }: Shown,
  ports: ApiPorts,
): Promise<ApiAccess> {
  const own = (await certificateAuthority(cluster, ports.readFile))?.toString("utf8");
  const needsSystems = own === undefined && !cluster.insecureSkipTlsVerify;
  const tls = serverTls({
    certificateAuthority: needsSystems ? await systemAuthorities(ports) : own,
    clientCertificate: certificate?.certificate,
    clientKey: certificate?.key,
    tlsServerName: cluster.tlsServerName,
    insecureSkipTlsVerify: cluster.insecureSkipTlsVerify,
  });
  const proxy = cluster.proxyUrl ? new URL(cluster.proxyUrl) : undefined;
  return {
    server: { url: new URL(cluster.server), tls, proxy, hasNoAuthority: own === undefined },
    token,
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
    const file = await readFile(path, bundleRole).catch((error: unknown) => {
      // Go skips a bundle that it cannot read.
      if (error instanceof EksX509Error) return undefined;
      throw error;
    });
    if (file) return Buffer.from(file.bytes).toString("utf8");
  }
  return undefined;
}

export interface ApiEvidence {
  /** `v1.34.4`. */
  version: string | undefined;
  /** Undefined when the server is too old to report it. */
  user: KubernetesUser | undefined;
  access: Access | undefined;
  /** The user that the kubeconfig's `as` makes of the caller; undefined without `as`. */
  actingAs?: KubernetesUser | undefined;
  /** What ended the questions. */
  problem: EksX509Error | undefined;
}

/** Anybody may get /version. It separates a server that cannot be reached from one that refuses the token. */
export async function askApiServer(access: ApiAccess): Promise<ApiEvidence> {
  const evidence: ApiEvidence = {
    version: undefined,
    user: undefined,
    access: undefined,
    problem: undefined,
  };
  try {
    const own = { ...access, impersonate: undefined };
    evidence.version = await versionOf(own);
    evidence.user = knownUser(await whoAmI(own));
    if (access.impersonate) evidence.actingAs = await whoAmI(access);
    evidence.access = await canI(access);
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    evidence.problem = isAboutAnonymous(error) ? credentialLost() : explained(error, access);
  }
  return evidence;
}

/** A server may hide its version from anonymous callers. */
async function versionOf(access: ApiAccess): Promise<string | undefined> {
  try {
    return await serverVersion({ ...access, token: undefined });
  } catch (error) {
    if (!(error instanceof EksX509Error) || error.category === "network" || error.category === "usage")
      throw error;
    return undefined;
  }
}

/** The user of a request without a credential. The server answers 401 to a credential that it refuses. */
const anonymous = "system:anonymous";

function knownUser(user: KubernetesUser | undefined): KubernetesUser | undefined {
  if (user?.username === anonymous) throw credentialLost();
  return user;
}

function isAboutAnonymous({ code, message }: EksX509Error): boolean {
  return code === "API_REVIEW_FORBIDDEN" && message.includes(anonymous);
}

/** If the kubeconfig names no CA, its CA cannot be the wrong one. */
function explained(error: EksX509Error, { server }: ApiAccess): EksX509Error {
  if (error.code !== "API_TLS_UNTRUSTED" || server.hasNoAuthority !== true) return error;
  return new EksX509Error({
    category: "network",
    hop: "api-server",
    code: "API_CA_NOT_GIVEN",
    message: `${error.message}, and the kubeconfig's cluster names no CA`,
    hint: "kubectl then trusts the system's CAs, or those of SSL_CERT_FILE. It ignores AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS. An EKS cluster has its own CA: set certificate-authority-data (aws eks update-kubeconfig).",
  });
}

function credentialLost(): EksX509Error {
  return new EksX509Error({
    category: "refused",
    hop: "api-server",
    code: "API_CREDENTIAL_LOST",
    message: `the API server sees the caller as ${anonymous}: the credential did not reach it`,
    hint: "A proxy or load balancer that ends TLS before the API server drops the Authorization header or the client certificate. Check the cluster's server and proxy-url in the kubeconfig.",
  });
}

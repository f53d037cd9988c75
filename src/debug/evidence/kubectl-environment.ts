/** kubectl asks the API server in its own environment, not in the exec entry's, and knows none of AWS's variables. */
import type { Environment } from "../../foundation/environment.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { ReadFile } from "../../foundation/files.ts";

/**
 * What of the environment counts for the API server. Go's net/http knows no ALL_PROXY, and takes upper case first
 * (golang.org/x/net/http/httpproxy, FromEnvironment); AWS_CA_BUNDLE is for AWS.
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

export interface SystemPorts {
  env: Environment;
  platform: NodeJS.Platform;
  readFile: ReadFile;
}

/**
 * PEM of the CAs that kubectl trusts where a cluster names none: SSL_CERT_FILE, or the system's bundle.
 * @returns undefined where there is no such file, as on macOS and Windows: Node's own are the nearest then
 */
export async function systemAuthorities({
  env,
  platform,
  readFile,
}: SystemPorts): Promise<string | undefined> {
  if (platform === "darwin" || platform === "win32") return undefined;
  const { SSL_CERT_FILE: own } = env;
  for (const path of own ? [own] : bundles) {
    const text = await textOf(path, readFile);
    if (text !== undefined) return text;
  }
  return undefined;
}

const role = {
  given: "the system's CAs",
  hop: "api-server",
  category: "usage",
  limit: 4 * 1024 * 1024,
} as const;

/** Go passes over what it cannot read. */
async function textOf(path: string, readFile: ReadFile): Promise<string | undefined> {
  try {
    return Buffer.from((await readFile(path, role)).bytes).toString("utf8");
  } catch (error) {
    if (error instanceof EksX509Error) return undefined;
    throw error;
  }
}

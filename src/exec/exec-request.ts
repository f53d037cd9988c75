/** KUBERNETES_EXEC_INFO for a plugin, as client-go writes it. rest.ConfigToExecCluster; clientauthentication/v1. */
import type { ExecEntry } from "../kubeconfig/read/user.ts";
import type { Cluster } from "../kubeconfig/read/entries.ts";

export interface ExecRequest {
  entry: ExecEntry;
  cluster: Cluster;
  /** PEM; undefined if the system's CAs are trusted. */
  certificateAuthority: Buffer | undefined;
}

/** For a plugin without a terminal. */
export function execInfo({ entry, cluster, certificateAuthority }: ExecRequest): string {
  const interactive = false;
  const spec = entry.provideClusterInfo
    ? { cluster: clusterInfo(cluster, certificateAuthority), interactive }
    : { interactive };
  return `${JSON.stringify({ kind: "ExecCredential", apiVersion: entry.apiVersion, spec })}\n`;
}

/** The extension is passed unchanged, null if there is none. Empty fields are omitted. */
function clusterInfo(cluster: Cluster, certificateAuthority: Buffer | undefined): object {
  return {
    server: host(cluster.server),
    ...(cluster.tlsServerName && { "tls-server-name": cluster.tlsServerName }),
    ...(cluster.insecureSkipTlsVerify && { "insecure-skip-tls-verify": true }),
    ...(certificateAuthority && { "certificate-authority-data": certificateAuthority.toString("base64") }),
    ...(cluster.proxyUrl && { "proxy-url": cluster.proxyUrl }),
    ...(cluster.disableCompression && { "disable-compression": true }),
    config: cluster.execConfig ?? null,
  };
}

/** DirectClientConfig.ClientConfig: a server with a path loses its query. */
function host(server: string): string {
  const { pathname, search, hash } = new URL(server);
  return pathname.length > 1 ? server.slice(0, server.length - search.length - hash.length) : server;
}

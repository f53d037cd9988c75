/** The API server of a kubeconfig's context, as a caller with a token asks it, or one with what the context's user has. */
import type { Http } from "../http/client.ts";
import type { ApiAccess } from "../kubernetes/api/api-server.ts";
import { serverTls } from "../kubernetes/api/server-tls.ts";
import { certificateAuthority } from "../kubernetes/kubeconfig-cluster.ts";
import type { Target } from "../kubernetes/kubeconfig-context.ts";
import type { ReadFile } from "../files.ts";

export interface ApiPorts {
  http: Http;
  readFile: ReadFile;
}

/** What the caller shows: a bearer token, or PEM of a client certificate and its key. */
export interface Shown {
  token?: string | undefined;
  certificate?: { certificate: string; key: string } | undefined;
}

/** @throws EksX509Error KUBECONFIG_CA_…, API_CA_UNREADABLE, API_CLIENT_… */
export async function apiAccess(
  { cluster }: Target,
  { token, certificate }: Shown,
  { http, readFile }: ApiPorts,
): Promise<ApiAccess> {
  const authority = await certificateAuthority(cluster, readFile);
  const tls = serverTls({
    certificateAuthority: authority?.toString("utf8"),
    clientCertificate: certificate?.certificate,
    clientKey: certificate?.key,
    tlsServerName: cluster.tlsServerName,
    insecureSkipTlsVerify: cluster.insecureSkipTlsVerify,
  });
  const proxy = cluster.proxyUrl ? new URL(cluster.proxyUrl) : undefined;
  return { server: { url: new URL(cluster.server), tls, proxy }, token, http };
}

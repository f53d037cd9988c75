/** The API server of a kubeconfig's context, as a caller with a token asks it, or one with what the context's user has. */
import type { ApiAccess } from "../../kubernetes-api/api-server.ts";
import { serverTls } from "../../kubernetes-api/server-tls.ts";
import { certificateAuthority } from "../../kubeconfig/read/cluster.ts";
import type { Cluster } from "../../kubeconfig/read/entries.ts";
import type { Target } from "../../kubeconfig/read/context.ts";
import { kubectlEnvironment, systemAuthorities } from "./kubectl-environment.ts";
import type { World } from "../world.ts";

export type ApiPorts = Pick<World, "http" | "readFile" | "env" | "platform">;

/** What the caller shows: a bearer token, or PEM of a client certificate and its key. */
export interface Shown {
  token?: string | undefined;
  certificate?: { certificate: string; key: string } | undefined;
}

/** @throws EksX509Error KUBECONFIG_CA_…, API_CA_UNREADABLE, API_CLIENT_… */
export async function apiAccess(
  { cluster, user }: Target,
  { token, certificate }: Shown,
  ports: ApiPorts,
): Promise<ApiAccess> {
  const own = (await certificateAuthority(cluster, ports.readFile))?.toString("utf8");
  const tls = serverTls({
    certificateAuthority: own ?? (await authoritiesFor(cluster, ports)),
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

async function authoritiesFor(cluster: Cluster, ports: ApiPorts): Promise<string | undefined> {
  return cluster.insecureSkipTlsVerify ? undefined : systemAuthorities(ports);
}

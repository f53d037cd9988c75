/** The TLS options of a call that differs from the environment: a kubeconfig's cluster and user. */
import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";

export interface ClientTls {
  /** PEM. It replaces the trusted CAs of the environment: certificate-authority(-data). */
  ca?: readonly string[];
  /** PEM; with `key`: client-certificate(-data). */
  cert?: string;
  key?: string;
  /** The name to check the server's certificate against, instead of the URL's: tls-server-name. */
  servername?: string;
  /** The server's certificate is not checked: insecure-skip-tls-verify. */
  insecure?: true;
}

/** Options of node:tls. */
export interface TlsOptions {
  rejectUnauthorized: boolean;
  servername: string;
  checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
  ca?: string[];
  cert?: string;
  key?: string;
}

/**
 * @param url its host is the name to request and to check. node:tls would otherwise use the Host header
 * @param ca trusted certificates in PEM; undefined for Node's own
 */
export function tlsOptions(
  url: URL,
  { servername, insecure, cert, key }: ClientTls,
  ca: readonly string[] | undefined,
): TlsOptions {
  const name = servername ?? url.hostname.replace(/^\[|\]$/g, "");
  return {
    // Explicit, because otherwise NODE_TLS_REJECT_UNAUTHORIZED=0, set for another purpose, would apply.
    rejectUnauthorized: insecure !== true,
    // RFC 6066 §3: an address is not a server name.
    servername: isIP(name) === 0 ? name : "",
    // Through a proxy, node:tls does not know the host and would check an address's certificate against another name.
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    ...(ca && { ca: [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/** TLS as one call wants it, where that is not as the environment has it: a kubeconfig's cluster and user. */
import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";

export interface ClientTls {
  /** PEM. Trusted in place of the environment's: certificate-authority(-data). */
  ca?: readonly string[];
  /** PEM; with `key`: client-certificate(-data). */
  cert?: string;
  key?: string;
  /** The name that the server's certificate is checked against, in place of the URL's: tls-server-name. */
  servername?: string;
  /** The server's certificate is not checked at all: insecure-skip-tls-verify. */
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
 * @param url tells the name to ask for and to check against: a Host header never does, as it would if nothing was said.
 * @param ca trusted certificates in PEM, in place of Node's; undefined for Node's own
 */
export function tlsOptions(
  url: URL,
  { servername, insecure, cert, key }: ClientTls,
  ca: readonly string[] | undefined,
): TlsOptions {
  const name = servername ?? url.hostname.replace(/^\[|\]$/g, "");
  return {
    // Said in so many words: otherwise NODE_TLS_REJECT_UNAUTHORIZED=0, set for something else, would count.
    rejectUnauthorized: insecure !== true,
    // RFC 6066 §3: an address is no server name.
    servername: isIP(name) === 0 ? name : "",
    // Through a proxy node:tls is told no host, and would check the certificate of an address against another name.
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    ...(ca && { ca: [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/** The CA of a cluster's API server, for a kubeconfig. */
import { X509Certificate } from "node:crypto";

/**
 * @param text untrusted; PEM, possibly with other content
 * @returns base64 of the certificates as newly written PEM; undefined if none can be read. Other content, such as a
 * private key, must not be in a kubeconfig, and clients report an error for a broken certificate.
 */
export function certificateAuthority(text: string): string | undefined {
  const certificates = text.split("-----BEGIN CERTIFICATE-----").slice(1).flatMap(certificateAt);
  return certificates.length === 0
    ? undefined
    : Buffer.from(certificates.join(""), "utf8").toString("base64");
}

function certificateAt(text: string): string[] {
  const end = text.indexOf("-----END CERTIFICATE-----");
  const base64 = end === -1 ? "" : text.slice(0, end).replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return [];
  try {
    return [new X509Certificate(Buffer.from(base64, "base64")).toString()];
  } catch {
    return [];
  }
}

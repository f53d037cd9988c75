/** The CA that a cluster's API server is known by, as a kubeconfig may hold it. */
import { X509Certificate } from "node:crypto";

/**
 * @param text untrusted; PEM, with whatever else
 * @returns base64 of the certificates alone, as PEM written anew; undefined where none can be read. What is left out, a private
 * key for one, does not belong into a kubeconfig; of a certificate that is broken, clients make an error.
 */
export function certificateAuthority(text: string): string | undefined {
  const certificates = text.split("-----BEGIN CERTIFICATE-----").slice(1).flatMap(certificateAt);
  return certificates.length === 0
    ? undefined
    : Buffer.from(certificates.join(""), "utf8").toString("base64");
}

/** @param text behind a BEGIN, up to the next */
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

/** The certificates of a cluster's CA: Go skips those that it cannot read, if it can read one (crypto/x509, AppendCertsFromPEM). */
import { X509Certificate } from "node:crypto";

export function readableCertificates(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.filter(isReadable);
}

function isReadable(block: string): boolean {
  try {
    return Boolean(new X509Certificate(block));
  } catch {
    return false;
  }
}

/** Certificates in PEM, one after another. */

/** The certificate blocks of a text, in order. Text between them is skipped, as RFC 7468 allows. */
export function splitPem(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}

/** The names that AWS derives from a certificate: role session name, source identity and subject. */
import { type X509Certificate, createHash } from "node:crypto";

/** The default role session name: the serial number in lower-case hexadecimal. */
export function hexSerial(leaf: X509Certificate): string {
  // RFC 5280 forbids a negative serial, but CAs have issued some. Node prints `-05`.
  const [, sign = "", digits = ""] = /^(-?)(.*)$/.exec(leaf.serialNumber) ?? [];
  return sign + BigInt(`0x${digits}`).toString(16);
}

/** At most 64 characters: `CN=` is dropped if it would not fit, and the serial replaces a missing CN. */
export function sourceIdentity(commonName: string | undefined, leaf: X509Certificate): string {
  if (commonName === undefined || commonName === "") return `ID=${hexSerial(leaf)}`;
  return commonName.length <= 61 ? `CN=${commonName}` : commonName;
}

/** The resource `subject/<uuid>`: the same for all certificates with this subject and issuer, including renewed ones. */
export function subjectResource(leaf: X509Certificate): string {
  const digest = createHash("sha256").update(`${leaf.issuer}\n\n${leaf.subject}`).digest("hex");
  const [, ...groups] = /^(.{8})(.{4})(.{4})(.{4})(.{12})/.exec(digest) ?? [];
  return `subject/${groups.join("-")}`;
}

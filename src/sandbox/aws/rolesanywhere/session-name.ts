/** What a certificate is called in AWS: role session name, source identity and subject. */
import { type X509Certificate, createHash } from "node:crypto";

/** The role session name unless one is asked for: the serial number, lower-case hexadecimal. */
export function hexSerial(leaf: X509Certificate): string {
  // Of a negative one, which RFC 5280 forbids and CAs have issued, Node tells `-05`.
  const [, sign = "", digits = ""] = /^(-?)(.*)$/.exec(leaf.serialNumber) ?? [];
  return sign + BigInt(`0x${digits}`).toString(16);
}

/** At most 64 characters: `CN=` is dropped where it would not fit, and the serial stands in for a missing CN. */
export function sourceIdentity(commonName: string | undefined, leaf: X509Certificate): string {
  if (commonName === undefined || commonName === "") return `ID=${hexSerial(leaf)}`;
  return commonName.length <= 61 ? `CN=${commonName}` : commonName;
}

/** The resource `subject/<uuid>`: the same for the same subject and issuer, renewed certificates included. */
export function subjectResource(leaf: X509Certificate): string {
  const digest = createHash("sha256").update(`${leaf.issuer}\n\n${leaf.subject}`).digest("hex");
  const [, ...groups] = /^(.{8})(.{4})(.{4})(.{4})(.{12})/.exec(digest) ?? [];
  return `subject/${groups.join("-")}`;
}

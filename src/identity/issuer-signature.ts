/**
 * A certificate whose issuer is in the files, by name, and whose signature is not that of the issuer's key. Where the key identifiers
 * (RFC 5280 §4.2.1.1 and §4.2.1.2) say that the key is the right one, the certificate is broken, or forged; without them the issuer
 * may only be a namesake, as a CA that has changed its key is.
 */
import { OctetString, Primitive, type BaseBlock } from "asn1js";
import { EksX509Error } from "../foundation/errors.ts";
import { children, extensionValue, parsed, tagged } from "./asn1.ts";
import type { Certificate } from "./certificate.ts";
import { namedIssuers, verifies } from "./chain.ts";
import type { Warning } from "./warnings.ts";

/** @param candidates everything that the files hold */
export function signatureProblem(
  leaf: Certificate,
  chain: readonly Certificate[],
  candidates: readonly Certificate[],
): EksX509Error | undefined {
  const last = chain.at(-1) ?? leaf;
  const issuer = unproven(last, candidates).find((candidate) => isSameKey(last, candidate));
  if (!issuer) return undefined;
  const which = last === leaf ? "the certificate" : `the intermediate ${last.subject}`;
  return new EksX509Error({
    category: "identity",
    hop: "certificate",
    code: "CERTIFICATE_SIGNATURE_INVALID",
    message: `${last.file}: the signature of ${which} is not that of its issuer ${issuer.subject}, which is in the files`,
    hint: "It was damaged on its way, or is not the CA's. Export it again, or ask your CA for it.",
  });
}

/** As signatureProblem, for what may be in order. */
export function namesakeWarning(
  leaf: Certificate,
  chain: readonly Certificate[],
  candidates: readonly Certificate[],
): Warning[] {
  const last = chain.at(-1) ?? leaf;
  const [namesake, ...others] = unproven(last, candidates);
  if (!namesake || [namesake, ...others].some((candidate) => isSameKey(last, candidate))) return [];
  return [
    {
      code: "CERTIFICATE_ISSUER_NAMESAKE",
      message: `a CA of the issuer's name is in the files, and its key has not signed the certificate: ${namesake.subject}`,
      hint: "Either the CA has changed its key, and this is its other certificate, or the signature is broken. Compare with the trust anchor.",
    },
  ];
}

/** Those that may have issued it, if none of them has. */
function unproven(certificate: Certificate, candidates: readonly Certificate[]): Certificate[] {
  const named = namedIssuers(certificate, candidates);
  return named.some((issuer) => verifies(certificate, issuer)) ? [] : named;
}

const subjectKeyIdentifier = "2.5.29.14";
const authorityKeyIdentifier = "2.5.29.35";

function isSameKey(certificate: Certificate, issuer: Certificate): boolean {
  const wanted = octets(tagged(extension(certificate, authorityKeyIdentifier), 0));
  const own = octets(extension(issuer, subjectKeyIdentifier));
  return wanted !== undefined && own !== undefined && Buffer.from(wanted).equals(own);
}

function extension({ der }: Certificate, id: string): BaseBlock | undefined {
  const [tbs] = children(parsed(der));
  return tbs && extensionValue(tbs, id);
}

function octets(block: BaseBlock | undefined): Uint8Array | undefined {
  return block instanceof OctetString || block instanceof Primitive
    ? block.valueBlock.valueHexView
    : undefined;
}

/** What a file is that was given for a certificate and is none: what people mix up, told by its first fields. */
import { BitString, Integer, OctetString, Sequence, type BaseBlock } from "asn1js";
import { EksX509Error, type CodeOf } from "../foundation/errors.ts";
import type { NamedBytes } from "../foundation/files.ts";
import { children, contextTag, oid, parsed } from "./asn1.ts";
import { pemLabels } from "./pem.ts";

interface Mistake {
  code: CodeOf<"identity", "certificate">;
  /** `a certificate signing request` */
  what: string;
  hint: string;
}

const mistakes = {
  request: {
    code: "CERTIFICATE_IS_REQUEST",
    what: "a certificate signing request",
    hint: "Give the certificate that the CA made of it.",
  },
  key: {
    code: "CERTIFICATE_IS_KEY",
    what: "a private key",
    hint: "Give the certificate that belongs to it; the key is what --private-key takes.",
  },
  publicKey: {
    code: "CERTIFICATE_IS_PUBLIC_KEY",
    what: "a public key",
    hint: "Give the certificate that a CA issued for it.",
  },
  pkcs12: {
    code: "CERTIFICATE_IS_PKCS12",
    what: "a PKCS#12 file (.p12, .pfx)",
    hint: "Take the certificates out: openssl pkcs12 -in FILE -nokeys -out FILE.pem",
  },
  pkcs7: {
    code: "CERTIFICATE_IS_PKCS7",
    what: "a PKCS#7 file (.p7b, .p7c)",
    hint: "Take the certificates out: openssl pkcs7 -print_certs -in FILE -out FILE.pem; with -inform DER when it is not PEM.",
  },
} satisfies Record<string, Mistake>;

/** A file with several blocks is called by the first of these. */
const labels: readonly (readonly [RegExp, Mistake])[] = [
  [/^(NEW )?CERTIFICATE REQUEST$/, mistakes.request],
  [/^(PKCS7|CMS)$/, mistakes.pkcs7],
  [/PRIVATE KEY$/, mistakes.key],
  [/PUBLIC KEY$/, mistakes.publicKey],
];

/** Undefined for a file that is nothing known, or has a certificate's block all the same. */
export function mistakenFor(file: NamedBytes): EksX509Error | undefined {
  const found = pemLabels(file);
  const mistake = found.length > 0 ? inPem(found) : inDer(file.bytes);
  if (!mistake) return undefined;
  const { code, what, hint } = mistake;
  const message = `${file.name}: is ${what}, not a certificate`;
  return new EksX509Error({ category: "identity", hop: "certificate", code, message, hint });
}

function inPem(found: readonly string[]): Mistake | undefined {
  if (found.some((label) => label.endsWith("CERTIFICATE"))) return undefined;
  return labels.find(([pattern]) => found.some((label) => pattern.test(label)))?.[1];
}

const contentTypes = "1.2.840.113549.1.7.";
const encryptionSchemes = /^1\.2\.840\.113549\.1\.(5|12)\./;

function inDer(bytes: Uint8Array): Mistake | undefined {
  const whole = parsed(bytes);
  if (!(whole instanceof Sequence)) return undefined;
  const fields = children(whole);
  const [first, second] = fields;
  if (oid(first)?.startsWith(contentTypes)) return mistakes.pkcs7;
  if (oid(children(second)[0])?.startsWith(contentTypes)) return mistakes.pkcs12;
  if (isRequest(fields)) return mistakes.request;
  // SubjectPublicKeyInfo, RFC 5280 §4.1.
  if (second instanceof BitString && oid(children(first)[0]) !== undefined) return mistakes.publicKey;
  return isPrivateKey(fields) ? mistakes.key : undefined;
}

/** PKCS#10, RFC 2986 §4: `SEQUENCE { INTEGER 0, Name, SubjectPublicKeyInfo, [0] Attributes }`, algorithm and signature. */
function isRequest([information]: readonly BaseBlock[]): boolean {
  const [version, , , attributes] = children(information);
  return version instanceof Integer && attributes !== undefined && contextTag(attributes) === 0;
}

/** PKCS#1 and PKCS#8 with version 0, SEC 1 with version 1, or PKCS#8's EncryptedPrivateKeyInfo. */
function isPrivateKey([first, second]: readonly BaseBlock[]): boolean {
  if (first instanceof Integer) return second !== undefined;
  return second instanceof OctetString && encryptionSchemes.test(oid(children(first)[0]) ?? "");
}

/** Finds the certificate that signed a CreateSession request: SigV4-X509, Roles Anywhere user guide, "signing process". */
import { X509Certificate, verify } from "node:crypto";
import type { WireRequest } from "../../wire.ts";
import { parseAmzDate, parseParameters, tolerance } from "./parameters.ts";
import { type Authorization, parseAuthorization } from "./received-signature.ts";
import { canonicalRequest, stringToSign } from "./canonical-request.ts";
import { invalidSignature, untrustedCertificate } from "../rolesanywhere/create-session-input.ts";

export interface X509Caller {
  leaf: X509Certificate;
  intermediates: readonly X509Certificate[];
  region: string;
}

const mostIntermediates = 5;

const leastSigned = ["content-type", "host", "x-amz-date", "x-amz-x509"];

/** @throws {Refusal} AccessDeniedException. It does not decide whether the certificate is trusted. */
export function authenticateX509(request: WireRequest, now: Date): X509Caller {
  const authorization = parseAuthorization(request.headers.get("authorization") ?? "");
  if (authorization === undefined) throw invalidSignature("no Authorization header of the SigV4-X509 form");
  const amzDate = checkDate(request, authorization, now);
  checkScope(request, authorization);
  checkSignedHeaders(request, authorization.signedHeaders);
  const leaf = readCertificate(request.headers.get("x-amz-x509") ?? "", "X-Amz-X509");
  if (authorization.credentialId !== BigInt(`0x${leaf.serialNumber}`).toString()) {
    throw invalidSignature("Credential does not begin with the certificate's serial number in decimal");
  }
  const canonical = canonicalRequest(request, authorization.signedHeaders);
  const text = stringToSign(authorization.algorithm, amzDate, authorization.scope, canonical);
  if (!isSignatureOf(text, authorization, leaf)) {
    throw invalidSignature("the signature differs: another private key signed it, or a signed part changed");
  }
  return { leaf, intermediates: readChain(request), region: authorization.scope.region };
}

function checkDate(request: WireRequest, { scope }: Authorization, now: Date): string {
  const amzDate = request.headers.get("x-amz-date") ?? "";
  const date = parseAmzDate(amzDate);
  if (date === undefined) throw invalidSignature("X-Amz-Date does not have the form YYYYMMDDTHHMMSSZ");
  const skew = Math.round((now.getTime() - date.getTime()) / 1000);
  if (Math.abs(skew) > tolerance / 1000) {
    throw invalidSignature(
      `X-Amz-Date is ${Math.abs(skew)} s ${skew > 0 ? "behind" : "ahead of"} the clock here`,
    );
  }
  if (scope.date !== amzDate.slice(0, 8)) throw invalidSignature("the credential scope names another day");
  return amzDate;
}

function checkScope({ headers, rawQuery }: WireRequest, { scope }: Authorization): void {
  if (scope.service !== "rolesanywhere" || scope.terminator !== "aws4_request") {
    throw invalidSignature("the credential scope does not end in rolesanywhere/aws4_request");
  }
  const host = /^rolesanywhere(?:-fips)?\.([a-z0-9-]+)\./.exec(headers.get("host") ?? "");
  if (host !== null && host[1] !== scope.region)
    throw invalidSignature("the credential scope names another region");
  if (parseParameters(rawQuery) === undefined)
    throw invalidSignature("the query has a broken percent escape");
}

function checkSignedHeaders({ headers }: WireRequest, signed: readonly string[]): void {
  const required = [...leastSigned, ...(headers.has("x-amz-x509-chain") ? ["x-amz-x509-chain"] : [])];
  const unsigned = required.find((name) => !signed.includes(name));
  if (unsigned !== undefined) throw invalidSignature(`SignedHeaders does not list ${unsigned}`);
  const absent = signed.find((name) => !headers.has(name));
  if (absent !== undefined) throw invalidSignature(`header ${absent} is signed but was not sent`);
}

function readChain({ headers }: WireRequest): X509Certificate[] {
  const texts = headers.get("x-amz-x509-chain")?.split(",") ?? [];
  if (texts.length > mostIntermediates) throw untrustedCertificate("more than 5 intermediate certificates");
  return texts.map((text) => readCertificate(text.trim(), "X-Amz-X509-Chain"));
}

/** Strict base64 of exactly one certificate's DER. Any further content would be signed but not checked. */
function readCertificate(base64: string, header: string): X509Certificate {
  const der = Buffer.from(base64, "base64");
  const certificate = certificateIn(der);
  const isExact = der.toString("base64") === base64 && certificate?.raw.equals(der) === true;
  // RFC 5280, 4.1.2.2: a positive integer. node:crypto prints a negative one with a sign.
  if (!isExact || !/^[0-9A-F]+$/.test(certificate.serialNumber))
    throw untrustedCertificate(`${header} is not the base64 of a DER certificate`);
  if (hasKey(certificate)) return certificate;
  throw untrustedCertificate(
    `the key in ${header} is malformed, or of a kind that this version of Node does not support, such as ML-DSA below 24.6`,
  );
}

function certificateIn(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** The key is decoded on access, which throws if it cannot be. */
function hasKey(certificate: X509Certificate): boolean {
  try {
    return certificate.publicKey.type === "public";
  } catch {
    return false;
  }
}

/** The algorithm must match the key: RSA PKCS #1 v1.5, ECDSA in ASN.1 DER, or ML-DSA without context. */
function isSignatureOf(
  text: string,
  { algorithm, signature }: Authorization,
  leaf: X509Certificate,
): boolean {
  const bytes = Buffer.from(signature, "hex");
  const kind = String(leaf.publicKey.asymmetricKeyType);
  const data = Buffer.from(text, "utf8");
  if (algorithm === "AWS4-X509-RSA-SHA256" && kind === "rsa")
    return verify("sha256", data, leaf.publicKey, bytes);
  if (algorithm === "AWS4-X509-ECDSA-SHA256" && kind === "ec")
    return verify("sha256", data, leaf.publicKey, bytes);
  if (algorithm === "AWS4-X509-MLDSA" && kind.startsWith("ml-dsa"))
    return verify(null, data, leaf.publicKey, bytes);
  throw invalidSignature(`the algorithm does not match a key of type ${kind}`);
}

/** What of a secret is secret, and how else it may be spelled. */

const tokenPrefix = "k8s-aws-v1.";
/** What is longer was never a credential, and is sent to nobody. */
const longestRead = 65_536;

/**
 * Of a token of EKS its payload, and signature and session token of the URL in it; of a presigned URL the same two. Host, dates and
 * key id are not secret, and a report shows them. Of a file the private keys in it. Of anything else, all.
 */
export function confidentialParts(secret: string): string[] {
  const text = secret.slice(0, longestRead).trim();
  if (/^https?:/i.test(text)) return partsOfUrl(text);
  if (text.includes("PRIVATE KEY-----")) return privateKeys(text);
  // A key in DER.
  if (/^0[^\x20-\x7e]/.test(text)) return [Buffer.from(secret, "latin1").toString("base64")];
  if (!text.startsWith(tokenPrefix)) return [text];
  const payload = text.slice(tokenPrefix.length);
  return [payload, ...partsOfUrl(Buffer.from(payload, "base64url").toString("latin1"))];
}

/**
 * Words of this program's own output. A secret may contain them, and they reveal nothing of it; sentences and JSON must
 * stay whole.
 */
export const ownWords = [
  "k8s-aws-v1.",
  "Authorization: Bearer",
  "ExecCredential",
  "client.authentication.k8s.io/v1beta1",
  "credentials",
  "eks-x509 get-token",
  "certificate",
  "kubeconfig",
  "configuration",
  "authorization",
  "create-session",
  "not-reached",
  "accepted",
  "GetCallerIdentity",
];

/** The base64 of each. */
function privateKeys(pem: string): string[] {
  const [, ...blocks] = pem.split(/-----BEGIN (?=[A-Z ]{0,32}PRIVATE KEY-----)/);
  return blocks.map((block) => {
    const [, body = ""] = block.split("-----");
    return body.replace(/^[\w-]+:.*$/gm, "").replace(/\s/g, "");
  });
}

function partsOfUrl(url: string): string[] {
  return [...secretParameters(url), ...randomRuns(url)];
}

/** As they stand in the URL. */
function secretParameters(url: string): string[] {
  return url.split(/[?&#]/).flatMap((parameter) => {
    const [name = "", ...value] = parameter.split("=");
    return /signature|token/i.test(name.slice(0, 200)) && value.length > 0 ? [value.join("=")] : [];
  });
}

/** Where a URL is broken, a signature or a session token may stand anywhere. */
function randomRuns(text: string): string[] {
  return (text.match(/[A-Za-z0-9+/_]{20,}/g) ?? []).filter(isRandom);
}

/** Hexadecimal, or digits and both cases of letters. */
function isRandom(text: string): boolean {
  if (/^[0-9a-f]{32,}$/i.test(text)) return true;
  return /[a-z]/.test(text) && /[A-Z]/.test(text) && /[0-9]/.test(text);
}

/** A secret in base64, hexadecimal or decimal bytes; and where it is itself encoded, what it encodes. */
export function otherSpellings(secret: string): string[] {
  const decoded = decodedBytes(secret);
  return [
    ...encodings(Buffer.from(secret, "utf8")),
    ...(decoded ? encodings(decoded) : []),
    ...textOf(decoded),
  ];
}

function encodings(bytes: Buffer): string[] {
  return [
    ...[0, 1, 2].map((before) => base64Behind(before, bytes)),
    bytes.toString("hex"),
    [...bytes].join(""),
  ];
}

/** Base64 begins anew with every third byte: there are three ways in which the bytes may stand in a longer text. */
function base64Behind(bytesBefore: number, bytes: Buffer): string {
  const text = Buffer.concat([Buffer.alloc(bytesBefore), bytes]).toString("base64");
  return bytesBefore === 0 ? text : text.slice(4);
}

function decodedBytes(secret: string): Buffer | undefined {
  if (/^(?:[0-9a-f]{2}){16,}$/i.test(secret)) return Buffer.from(secret, "hex");
  return /^[A-Za-z0-9+/_-]{16,}={0,2}$/.test(secret) ? Buffer.from(secret, "base64") : undefined;
}

function textOf(bytes: Buffer | undefined): string[] {
  const text = bytes?.toString("latin1") ?? "";
  return /^[\x20-\x7e]{10,}$/.test(text) && !/^https?:/i.test(text) ? [text] : [];
}

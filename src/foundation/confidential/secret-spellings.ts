/** The secret parts of a secret, and its other spellings. */
import { createPrivateKey, type KeyObject } from "node:crypto";
import { holdsEncoded } from "../shown.ts";
import { lettersOnly, plainLetters, readCharacters } from "./characters.ts";

const tokenPrefix = "k8s-aws-v1.";
/** The letters of the prefix, and of `https:` in base64. Computed: the compiled code that is kept holds no beginning of a token. */
export const tokenStart = `k8sawsv1${Buffer.from("https:").toString("base64").toLowerCase()}`;
/** A longer text is not a credential. */
const longestRead = 65_536;
/** Not secret: a key's file can have certificates beside the key, or in place of it (RFC 7468; RFC 5280 §4.1: DER). */
const publicBlock = /-----BEGIN ([A-Z0-9 ]{0,32}(?:CERTIFICATE|PUBLIC KEY))-----[^-]*-----END \1-----/g;
const derCertificate = /^0\x82[^]{2}0\x82[^]{2}\xa0/;

/**
 * For an EKS token: the signature and the session token of the URL that it encodes. For a URL: the same two, its password,
 * and parameters with a secret name. Host, dates and key id are not secret, and a report prints them. For a file: its private
 * keys. For anything else: all of it.
 */
export function confidentialParts(secret: string): string[] {
  const rest = secret.replace(publicBlock, "");
  const text = rest.slice(0, longestRead).trim();
  if (/^https?:/i.test(text)) return partsOfUrl(text);
  if (text.includes("PRIVATE KEY-----")) return privateKeys(text);
  if (derCertificate.test(text) || (rest !== secret && !holdsEncoded(rest))) return [];
  if (/^0[^\x20-\x7e]/.test(text))
    return secretOfKey(Buffer.from(rest.slice(0, longestRead), "latin1").toString("base64"));
  if (!text.startsWith(tokenPrefix)) return [text];
  return partsOfPayload(payloadOf(text));
}

/** @returns nothing if the secret is no token */
export function payloadOf(secret: string): string {
  const text = secret.slice(0, longestRead).trim();
  return text.startsWith(tokenPrefix) ? text.slice(tokenPrefix.length) : "";
}

/** As in the URL, and as in the token. In a damaged token, nothing is certain to be public. */
function partsOfPayload(payload: string): string[] {
  const url = Buffer.from(payload, "base64url").toString("latin1");
  const parts = partsOfUrl(url);
  const isSound = plainUrl.test(url) && Buffer.from(url).toString("base64url") === payload;
  if (!isSound || parts.length === 0) return [payload, ...parts];
  return [...parts, ...parts.map((part) => encodedWithin(payload, url.indexOf(part), part.length))];
}

const plainUrl = /^https?:\/\/[\w.:-]+\/?\?(?:[\w-]+=[^\s&=?#\u007f-\uffff]*(?:&|$))+$/i;

/** The letters of base64 that encode only these bytes. */
function encodedWithin(base64: string, start: number, length: number): string {
  return base64.slice(4 * Math.ceil(start / 3), 4 * Math.floor((start + length) / 3));
}

/**
 * Words of this program's own output. A secret can contain them and they reveal nothing; sentences and JSON must stay
 * complete.
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
  "assume-role",
  "not-reached",
  "accepted",
  "GetCallerIdentity",
  // A file in place of a key is a secret as a whole, and often has the words of the message about it.
  "contains no private key, and no other PEM block (PRIVATE_KEY_MISSING)",
  "a PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY block as --private-key, or the same key in DER",
  // A password can be a word of the message about it. To remove the word there would reveal the password.
  "the password from EKS_X509_PASSWORD is wrong (PASSWORD_WRONG)",
  "needs a password, and nothing gives one (PASSWORD_NEEDED)",
];

function privateKeys(pem: string): string[] {
  const [, ...blocks] = pem.split(/-----BEGIN (?=[A-Z ]{0,32}PRIVATE KEY-----)/);
  return blocks.flatMap((block) => {
    const [label = "", body = ""] = block.split("-----");
    const base64 = body.replace(/^[\w-]+:.*$/gm, "").replace(/\s|\\[nr]/g, "");
    return label.startsWith("ENCRYPTED") ? [base64.slice(encryptionHeader)] : secretOfKey(base64);
  });
}

/** The letters of algorithms, salt and iteration count in RFC 5958 EncryptedPrivateKeyInfo with PBES2. */
const encryptionHeader = 128;

/**
 * The numbers that only the private key has (RFC 7518, sections 6.2.2 and 6.3.2): as in the key's own base64, and by
 * themselves. Algorithms and the public key are in certificates too.
 */
function secretOfKey(base64: string): string[] {
  const der = Buffer.from(base64, "base64");
  const ranges = secretNumbers(der).map((number) => ({ start: der.indexOf(number), length: number.length }));
  const start = Math.min(...ranges.map((range) => range.start));
  if (ranges.length === 0 || start === -1) return [base64];
  const end = Math.max(...ranges.map((range) => range.start + range.length));
  return [encodedWithin(base64, start, end - start), der.subarray(start, end).toString("base64")];
}

/** @returns nothing for a key that cannot be read */
function secretNumbers(der: Buffer): Buffer[] {
  for (const type of ["pkcs8", "sec1", "pkcs1"] as const)
    try {
      return numbersOf(createPrivateKey({ key: der, format: "der", type }));
    } catch {
      // It is of another type.
    }
  return [];
}

function numbersOf(key: KeyObject): Buffer[] {
  const { d, p, q, dp, dq, qi } = key.export({ format: "jwk" });
  return [d, p, q, dp, dq, qi].flatMap((number) => (number ? [Buffer.from(number, "base64url")] : []));
}

const secretParameter = /signature|token|secret|passw|key$/i;

function partsOfUrl(url: string): string[] {
  const [, user = ""] = /^https?:\/\/([^/?#]*)@/i.exec(url) ?? [];
  const parameters = url.split(/[?&#]/).flatMap((parameter) => {
    const [name = "", ...value] = parameter.split("=");
    return secretParameter.test(name.slice(0, 200)) && value.length > 0 ? [value.join("=")] : [];
  });
  // In a broken URL, a signature or a session token can be anywhere.
  const random = (url.match(/[A-Za-z0-9+/_]{20,}/g) ?? []).filter(isRandom);
  // A user name without a password may be a token.
  return [decoded(user.replace(/^[^:]*:(?=.)/, "")), ...parameters, ...random].filter(Boolean);
}

/** Other than decodeURIComponent, it passes over what is no escape. */
function decoded(text: string): string {
  return new URLSearchParams(`text=${text.replace(/[+&]/g, encodeURIComponent)}`).get("text") ?? "";
}

/** Hexadecimal, or digits and both cases of letters. */
function isRandom(text: string): boolean {
  if (/^[0-9a-f]{32,}$/i.test(text)) return true;
  return /[a-z]/.test(text) && /[A-Z]/.test(text) && /[0-9]/.test(text);
}

/** Length of a part of an encoded secret that reveals it: ten letters of base64 encode seven bytes. */
export const encodedPiece = 10;

/** The letters of other spellings of a secret. */
export interface OtherSpellings {
  letters: string[];
  /** In decimal or octal: numbers of accounts, times and addresses consist of digits too. */
  digits: string[];
}

/** A secret in base64, or in hexadecimal, decimal or octal bytes, and, if it is itself encoded, its content. */
export function otherSpellings(secret: string): OtherSpellings {
  const decoded = decodedBytes(secret);
  const all = decoded ? [Buffer.from(secret, "utf8"), decoded] : [Buffer.from(secret, "utf8")];
  return {
    letters: [...all.flatMap(inLetters), ...textOf(decoded)].map(plainLetters),
    digits: all.flatMap(inDigits),
  };
}

function inLetters(bytes: Buffer): string[] {
  return [...[0, 1, 2].map((before) => base64Behind(before, bytes)), bytes.toString("hex")];
}

function inDigits(bytes: Buffer): string[] {
  const padded = [8, 10].map((radix) =>
    Array.from(bytes, (byte) => byte.toString(radix).padStart(3, "0")).join(""),
  );
  return [[...bytes].join(""), ...padded];
}

/** Base64 restarts with every third byte, so the bytes have three forms in a longer text. */
function base64Behind(bytesBefore: number, bytes: Buffer): string {
  const text = Buffer.concat([Buffer.alloc(bytesBefore), bytes]).toString("base64");
  return bytesBefore === 0 ? text : text.slice(4);
}

function decodedBytes(secret: string): Buffer | undefined {
  if (/^(?:[0-9a-f]{2}){16,}$/i.test(secret)) return Buffer.from(secret, "hex");
  return /^[A-Za-z0-9+/_-]{16,}={0,2}$/.test(secret) ? Buffer.from(secret, "base64") : undefined;
}

/**
 * As ASCII, and as any letters. The content of a token is a URL, of which only two parameters are secret. Random bytes have a
 * few letters, which are no text: as a short word, they would be in other texts by chance.
 */
function textOf(bytes: Buffer | undefined): string[] {
  const text = bytes?.toString("latin1") ?? "";
  if (/^https?:/i.test(text)) return [];
  if (/^[\s -~]*$/.test(text)) return [text];
  return [text, lettersOnly(readCharacters([text])).text].filter(
    (letters) => plainLetters(letters).length >= encodedPiece,
  );
}

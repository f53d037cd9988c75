/** The secret parts of a secret, and its other spellings. */
import { createPrivateKey, type KeyObject } from "node:crypto";
import { holdsEncoded } from "./shown.ts";

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

/** A secret in base64, or in hexadecimal, decimal or octal bytes, and, if it is itself encoded, its content. */
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
    ...[8, 10].map((radix) => Array.from(bytes, (byte) => byte.toString(radix).padStart(3, "0")).join("")),
  ];
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

/** As ASCII, and as any letters. The content of a token is a URL, of which only two parameters are secret. */
function textOf(bytes: Buffer | undefined): string[] {
  const text = bytes?.toString("latin1") ?? "";
  return /^https?:/i.test(text) ? [] : [text, lettersOnly(readCharacters([text])).text];
}

/** The visible characters of texts in any spelling: the common part of two spellings of a secret. */

export interface Characters {
  /** Each is one UTF-16 unit, in lower case and without an accent. */
  text: string;
  /** The same in its own case. */
  cased: string;
  /** The text of each character, and the start and end of its spelling there. */
  owners: readonly number[];
  from: readonly number[];
  to: readonly number[];
}

/** Some of the characters, as one text. */
export interface Row {
  text: string;
  /** The index of each one among all characters. */
  at: readonly number[];
}

const terminalSequence = String.raw`(?:\u001b|\\{1,8}u001b|\\{1,8}x1b|\\{1,8}e|\\{1,8}033|%1b)(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|[@-Z\\^_])|\u009b[0-?]{0,32}[ -/]{0,8}[@-~]`;
/** The spellings of a character in URLs, JSON, C, Go and HTML. */
const ofByte = String.raw`(?:%(?:25){0,8}|\\{1,8}x)`;
const utf8 = `(${ofByte}[c-f][0-9a-f](?:${ofByte}[89ab][0-9a-f]){1,3})`;
const unicode = String.raw`(?:%(?:25){0,8}u|\\{1,8}u|u\+)(?:0{4}(?=00))?([0-9a-f]{4})|\\{1,8}[ux]\{0{0,8}([0-9a-f]{2,4})\}`;
const hexadecimal = String.raw`${utf8}|${ofByte}([0-9a-f]{2})|${unicode}|(?<![0-9a-z])0x([0-9a-f]{2})(?![0-9a-f])|&#x0{0,8}([0-9a-f]{2});?`;
const others = String.raw`\\{1,8}([0-3][0-7]{2})|&#0{0,8}(\d{2,3});?|&(amp|lt|gt|quot|apos);|\\{1,8}[abfnrtv]`;
/** Every quantifier has a limit, because the text comes from outside. Created at the first use, which most runs do not have. */
let writing: RegExp | undefined;

/** The codes of the ASCII characters that begin other spellings: escape, %, &, 0, U and the backslash. */
const beginnings: ReadonlySet<number> = new Set([0x1b, 0x25, 0x26, 0x30, 0x55, 0x5c]);

/** @param list texts that are read one after the other, as one text */
export function readCharacters(list: readonly string[]): Characters {
  let read = "";
  const owners: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  for (const [owner, text] of list.entries()) {
    let start = 0;
    while (start < text.length) {
      const plain = plainAt(text, start);
      const { character, length } =
        plain === undefined ? spelledAt(text, start) : { character: plain, length: 1 };
      if (character !== "") {
        read += character;
        owners.push(owner);
        from.push(start);
        to.push(start + length);
      }
      start += length;
    }
  }
  return { text: read.toLowerCase(), cased: read, owners, from, to };
}

/** @returns undefined for what is not ASCII, or may begin another spelling; empty for what is invisible */
function plainAt(text: string, start: number): string | undefined {
  const code = text.charCodeAt(start);
  if (code >= 0x7f || beginnings.has(code)) return undefined;
  return code > 0x20 ? text.charAt(start) : "";
}

function spelledAt(text: string, start: number): { character: string; length: number } {
  writing ??= new RegExp(`${terminalSequence}|${hexadecimal}|${others}|([^\\s\\p{C}\\p{M}])`, "iuy");
  writing.lastIndex = start;
  const match = writing.exec(text);
  if (match) return { character: visible(written(match)), length: match[0].length };
  return { character: "", length: String.fromCodePoint(text.codePointAt(start) ?? 0).length };
}

export function isLetter(character: string | undefined): boolean {
  if (character === undefined) return false;
  return (character >= "a" && character <= "z") || (character >= "0" && character <= "9");
}

/** Letters and digits, and the given symbols. */
export function lettersOnly({ text }: Characters, symbols = ""): Row {
  const at: number[] = [];
  let letters = "";
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (!isLetter(character) && !symbols.includes(character)) continue;
    letters += character;
    at.push(index);
  }
  return { text: letters, at };
}

const interleaving = { largestStep: 8, longestText: 16_384 } as const;

/** Every second, third … eighth character, one row after the other, because others can stand between those of a secret. */
export function interleavedLetters({ text }: Characters): Row {
  const at: number[] = [];
  let letters = "";
  const { largestStep, longestText } = interleaving;
  for (let step = 2; step <= largestStep && text.length <= longestText; step++)
    for (let first = 0; first < step; first++, letters += "\n", at.push(-1))
      for (let index = first; index < text.length; index += step)
        if (isLetter(text[index])) {
          letters += text.charAt(index);
          at.push(index);
        }
  return { text: letters, at };
}

/** Letters and digits before escapes are read: `%35%` has a cut escape, and 35 is hexadecimal for 5. */
export function lettersAsWritten({ owners, from, to }: Characters, texts: readonly string[]): Row {
  const at: number[] = [];
  let letters = "";
  for (const [index, owner] of owners.entries())
    for (const letter of plainLetters(texts[owner]?.slice(from[index], to[index]) ?? "")) {
      letters += letter;
      at.push(index);
    }
  return { text: letters, at };
}

/** The letters and digits of a text, without reading escapes. */
export function plainLetters(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "");
}

/** The places of the first letters of words, each with the word: letters without anything between them. */
export function wordsIn({ text, cased, owners, from, to }: Characters): [place: number, word: string][] {
  const words: [number, string][] = [];
  let start = 0;
  for (let index = 0; index <= text.length; index++) {
    const isWithin =
      index > start &&
      isLetter(text[start]) &&
      isLetter(text[index]) &&
      owners[index] === owners[start] &&
      from[index] === to[index - 1];
    if (isWithin) continue;
    if (isLetter(text[start])) words.push([start, cased.slice(start, index)]);
    start = index;
  }
  return words;
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function written(match: RegExpExecArray): string {
  const [, bytes, byte, unit, braced, go, entity, octal, decimal, name, itself] = match;
  if (itself !== undefined) return itself;
  if (bytes) return Buffer.from(bytes.replace(/%(?:25)*|\\+x/gi, ""), "hex").toString("utf8");
  const digits = byte ?? unit ?? braced ?? go ?? entity;
  if (digits !== undefined) return String.fromCharCode(Number.parseInt(digits, 16));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  return decimal === undefined ? namedCharacter(name) : String.fromCharCode(Number(decimal));
}

function namedCharacter(name = ""): string {
  return named[name.toLowerCase()] ?? "";
}

/** One UTF-16 unit, so that each character has an index. Fullwidth letters and similar ones become plain letters. */
function visible(character: string): string {
  const [plain = ""] = character.normalize("NFKD");
  return /^[\s\p{C}\p{M}]?$/u.test(plain) ? "" : plain.charAt(0);
}

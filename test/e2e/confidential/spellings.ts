/** The spellings in which whoever knows a secret may repeat it: data for confidential.test.ts. */

export type Spell = (secret: string) => string;

const each =
  (spell: (byte: string) => string, separator = ""): Spell =>
  (secret) =>
    Array.from(Buffer.from(secret), (byte) => spell(byte.toString(16).padStart(2, "0"))).join(separator);

const grouped = (secret: string, length: number): string[] =>
  secret.match(new RegExp(`.{1,${length}}`, "gs")) ?? [];

const groups =
  (length: number, separator: string): Spell =>
  (secret) =>
    grouped(secret, length).join(separator);

/** Words without a digit, so that none is part of a secret by chance. */
const words = ["zone", "of", "quorum", "and", "mesh", "for", "leader", "in", "vault", "is"];
const between =
  (length: number): Spell =>
  (secret) =>
    grouped(secret, length)
      .flatMap((piece, index) => [piece, words[index % words.length] ?? ""])
      .join(" ");

/** The bytes that a secret stands for. */
const decoded = (secret: string): Buffer =>
  Buffer.from(secret, /^[0-9a-f]+$/.test(secret) ? "hex" : "base64");

const fullWidth = (letter: string): string => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0);

export const spellings: readonly (readonly [string, Spell])[] = [
  ["as it is", (secret) => secret],
  ["in a sentence", (secret) => `the value "${secret}" is not known here`],
  ["as a header", (secret) => `Authorization: Bearer ${secret}`],
  ["its first half", (secret) => secret.slice(0, Math.ceil(secret.length / 2))],
  ["its last sixteen letters", (secret) => secret.slice(-16)],
  ["in capitals", (secret) => secret.toUpperCase()],
  ["in small letters", (secret) => secret.toLowerCase()],
  ["in groups of one", groups(1, " ")],
  ["in groups of two", groups(2, ".")],
  ["in groups of three", groups(3, "|")],
  ["in groups of four", groups(4, "-")],
  ["in groups of five", groups(5, " ")],
  ["in groups of six", groups(6, ", ")],
  ["in groups of seven", groups(7, "/")],
  ["in groups of eight", groups(8, "\n")],
  ["as a JSON list of single letters", (secret) => JSON.stringify(grouped(secret, 1))],
  ["as a JSON list of seven letters each", (secret) => JSON.stringify(grouped(secret, 7))],
  [
    "as the keys of a JSON object",
    (secret) => JSON.stringify(Object.fromEntries(grouped(secret, 6).map((key) => [key, null]))),
  ],
  ["in pieces of eight between words", between(8)],
  ["in pieces of five between words", between(5)],
  ["in pieces of three between words", between(3)],
  ["in base64", (secret) => Buffer.from(secret).toString("base64")],
  ["in base64url, behind one byte", (secret) => Buffer.from(`:${secret}`).toString("base64url")],
  ["in base64, behind two bytes", (secret) => Buffer.from(`{"${secret}"}`).toString("base64")],
  ["decoded", (secret) => decoded(secret).toString("latin1")],
  ["in hexadecimal", each((byte) => byte)],
  ["in hexadecimal, in capitals with colons", each((byte) => byte.toUpperCase(), ":")],
  ["in decimal bytes", (secret) => [...Buffer.from(secret)].join(", ")],
  ["percent-encoded", encodeURIComponent],
  ["every byte percent-encoded", each((byte) => `%${byte}`)],
  ["every byte percent-encoded twice", each((byte) => `%25${byte}`)],
  ["every byte percent-encoded three times", each((byte) => `%2525${byte}`)],
  ["as HTML has it", each((byte) => `&#x${byte};`)],
  ["as HTML has it, in decimal", (secret) => [...Buffer.from(secret)].map((byte) => `&#${byte};`).join("")],
  ["escaped as in JSON", each((byte) => `\\u00${byte}`)],
  ["escaped as in C", each((byte) => `\\x${byte}`)],
  ["coloured", groups(5, "\u001b[31m")],
  ["coloured, in escapes", groups(3, "\\u001b[1;31m")],
  ["with zeros between", groups(1, "\0")],
  ["with marks of writing direction", groups(3, "\u202e")],
  ["with spaces of no width", groups(2, "\u200b")],
  ["in wide letters", (secret) => secret.replace(/[!-~]/g, fullWidth)],
  ["with accents", groups(1, "\u0301")],
  ["many times", (secret) => `${secret} `.repeat(Math.ceil(20_000 / (secret.length + 1)))],
];

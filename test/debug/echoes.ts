/** The ways in which a server may send back what it was sent in confidence. */

export type Echo = (secret: string) => string;

const bytes = (text: string): string[] =>
  Array.from(Buffer.from(text), (byte) => byte.toString(16).padStart(2, "0"));
const folded = (text: string, width: number, fold: string): string =>
  text.match(new RegExp(`.{1,${width}}`, "gs"))?.join(fold) ?? "";

export const echoes: readonly (readonly [string, Echo])[] = [
  ["as it is", (secret) => secret],
  ["in a sentence", (secret) => `the token "${secret}" is not known here`],
  ["as a header", (secret) => `Authorization: Bearer ${secret}`],
  ["its first half", (secret) => secret.slice(0, secret.length / 2)],
  ["its end", (secret) => secret.slice(-20)],
  ["percent-encoded", (secret) => encodeURIComponent(secret)],
  ["percent-encoded twice", (secret) => encodeURIComponent(encodeURIComponent(secret))],
  [
    "every byte percent-encoded",
    (secret) =>
      bytes(secret)
        .map((byte) => `%${byte}`)
        .join(""),
  ],
  [
    "escaped as in JSON",
    (secret) =>
      bytes(secret)
        .map((byte) => `\\u00${byte}`)
        .join(""),
  ],
  [
    "escaped as in C",
    (secret) =>
      bytes(secret)
        .map((byte) => `\\x${byte}`)
        .join(""),
  ],
  [
    "as HTML has it",
    (secret) =>
      bytes(secret)
        .map((byte) => `&#x${byte};`)
        .join(""),
  ],
  ["in hexadecimal", (secret) => bytes(secret).join("")],
  ["in hexadecimal with colons", (secret) => bytes(secret).join(":")],
  ["in base64", (secret) => Buffer.from(secret).toString("base64")],
  ["in base64url, with something before it", (secret) => Buffer.from(`x ${secret}`).toString("base64url")],
  [
    "decoded from base64",
    (secret) => Buffer.from(secret.replace(/^.*\./, ""), "base64url").toString("latin1"),
  ],
  ["in capitals", (secret) => secret.toUpperCase()],
  ["folded into lines", (secret) => folded(secret, 20, "\r\n")],
  ["in groups of five", (secret) => folded(secret, 5, " ")],
  ["coloured", (secret) => folded(secret, 5, "\u001b[31m")],
  ["with zeros between", (secret) => folded(secret, 1, "\0")],
  ["with marks of writing direction", (secret) => folded(secret, 3, "\u202e")],
  ["a megabyte of it", (secret) => secret.repeat(Math.ceil(1_000_000 / secret.length))],
];

/** What could be made out of an output, had anything been let through: no eight letters of the secret in a row. */
export function leaks(output: string, secrets: readonly string[]): string[] {
  const spellings = [
    output,
    unescaped(output),
    Buffer.from(output.replace(/[^\w+/-]/g, ""), "base64").toString("latin1"),
  ].map(plain);
  const pieces = secrets.map(plain).flatMap((secret) => secret.match(/.{8}/g) ?? []);
  return pieces.filter((piece) => spellings.some((text) => text.includes(piece)));
}

function unescaped(text: string): string {
  return text.replace(/(?:%(?:25)*|\\+u00|\\+x|&#x)([0-9a-f]{2});?/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- a terminal's sequences begin with one
  return text.replace(/(?:\u001b|\\u001b)\[\d*m|[^a-z0-9]+/gi, "").toLowerCase();
}

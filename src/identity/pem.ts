/**
 * Reads PEM files. RFC 7468 §2 advises to ignore text around the blocks, line ends, white space and a byte-order mark. Files also
 * occur in UTF-16 from PowerShell, in the spellings below, without line breaks between the blocks, and once more in base64.
 */
import { errorsOf } from "../foundation/errors.ts";
import type { NamedBytes } from "../foundation/ports.ts";
import { isDer } from "./asn1.ts";

export interface PemBlock {
  /** `CERTIFICATE`, `EC PRIVATE KEY`, … */
  label: string;
  /** Line of the BEGIN, from 1. */
  line: number;
  /** `Proc-Type: 4,ENCRYPTED` and the like, RFC 1421. */
  headers: readonly string[];
  der: Buffer;
}

const damaged = "The file is incomplete or damaged. Export it again.";
/** Chat tools and word processors make two hyphens one dash. */
const boundary = /--\s?(BEGIN|END) ([A-Z0-9 ]{1,64})(?=\s?--)/g;

/** What editors, shells, mail, HTML, JSON and URLs make of a PEM file's characters. A function, because few files need these patterns. */
const spellings = (): readonly (readonly [RegExp, (digits: string) => string])[] => [
  [/(?:\\u00|%|&#x)([0-9a-f]{2})/gi, (digits) => String.fromCharCode(parseInt(digits, 16))],
  [/&#(\d{2,3});/g, (digits) => String.fromCharCode(Number(digits))],
  [/\p{Cc}\[[\d;]{0,20}m|<\/?[a-z]\w{0,9}(?: [^<>\r\n]{0,200})?\/?>/giu, () => ""],
  [/[\\`][rnt]/g, () => "\n"],
  [/\p{Zs}|&nbsp;/gu, () => " "],
  [/[\p{Pd}\u2212]/gu, () => "-"],
  [/(?![\r\n\t])[\p{Cc}\p{Cf}]/gu, () => ""],
];
/** Without one of these characters, a text has none of the spellings that differ from what is meant. */
const unusual = /[^\t\r\n -~]|[\\%&<`[]/;
/** White space, and the quotes, commas and margins of the text around. RFC 7468 §2: parsers ignore characters that are not base64. */
const notContent = /[\s"',;\\>|#-]/g;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** `-----BEGIN` in base64. */
const packedBlocks = /LS0tLS1CRUdJT[\w+/=-]+/g;

/**
 * The blocks in the file's order; none when the text holds none. One pass, so that a hostile file costs no more than its length.
 * @param wanted a block of another label that cannot be read is passed over
 * @throws EksX509Error PEM_MALFORMED for a wanted block that is cut short or is not base64, with its line
 */
export function pemBlocks(file: NamedBytes, hop: "certificate" | "private-key", wanted = /^/): PemBlock[] {
  const text = textOf(file.bytes);
  const blocks: PemBlock[] = [];
  let open: { label: string; line: number; start: number } | undefined;
  const refuse = (label: string, line: number, why: string): void => {
    if (!wanted.test(label)) return;
    const message = `${file.name}, line ${line}: the ${label} block ${why}`;
    throw errorsOf("identity", hop)("PEM_MALFORMED", message, damaged);
  };
  let [line, counted] = [1, 0];
  for (const { 0: match, 1: kind, 2: label = "", index } of text.matchAll(boundary)) {
    if (kind === "BEGIN") {
      if (open) refuse(open.label, open.line, "has no END line");
      line += lineBreaks(text.slice(counted, index));
      counted = index;
      open = { label: label.trim(), line, start: index + match.length };
    } else if (open?.label === label.trim()) {
      const read = content(text.slice(open.start, index));
      if (read) blocks.push({ label: open.label, line: open.line, ...read });
      else refuse(open.label, open.line, "is not base64");
      open = undefined;
    }
  }
  if (open) refuse(open.label, open.line, "has no END line");
  return blocks;
}

/** The labels of all blocks, unreadable ones included. */
export function pemLabels(file: NamedBytes): string[] {
  return [...textOf(file.bytes).matchAll(boundary)].flatMap(([, kind, label = ""]) =>
    kind === "BEGIN" ? [label.trim()] : [],
  );
}

/** The decoded content of PEM or DER in base64, as in Kubernetes secrets and CI variables; otherwise the file itself. */
export function unwrapped(file: NamedBytes): NamedBytes {
  const text = textOf(file.bytes);
  if (isDer(file.bytes) || pemLabels(file).length > 0) return file;
  const whole = text.replace(/^data:[^,]{0,100},|[\s"']/g, "");
  const packed = /^[\w+/-]+={0,2}$/.test(whole) ? [whole] : (text.match(packedBlocks) ?? []);
  const bytes = Buffer.concat(packed.map((one) => Buffer.from(one, "base64")));
  const inner = bytes.length > 0 ? unwrapped({ ...file, bytes }) : file;
  return inner.bytes !== bytes || isDer(bytes) || pemLabels(inner).length > 0 ? inner : file;
}

function textOf(bytes: Uint8Array): string {
  const written = decoded(Buffer.from(bytes));
  if (!unusual.test(written)) return written;
  return spellings().reduce(
    (text, [spelling, meant]) => text.replace(spelling, (_, digits: string) => meant(digits)),
    written,
  );
}

/** UTF-16 has a byte-order mark, or a zero byte in its first letter. */
function decoded(bytes: Buffer): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return bytes.toString("utf16le");
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0))
    return new TextDecoder("utf-16be").decode(bytes);
  return bytes.toString("utf8");
}

/** Undefined when it is not base64. */
function content(text: string): Pick<PemBlock, "headers" | "der"> | undefined {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  const headers = lines.filter((line) => line.includes(":"));
  const body = lines
    .filter((line) => !line.includes(":"))
    .join("")
    .replace(notContent, "");
  if (body.length % 4 !== 0 || !base64.test(body)) return undefined;
  return { headers, der: Buffer.from(body, "base64") };
}

function lineBreaks(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}

/** `only PUBLIC KEY, X509 CRL`; undefined without a block. */
export function onlyLabels(blocks: readonly PemBlock[]): string | undefined {
  const labels = new Set(blocks.map(({ label }) => label));
  return labels.size > 0 ? `only ${[...labels].join(", ")}` : undefined;
}

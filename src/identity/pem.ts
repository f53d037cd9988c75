/**
 * PEM, read as leniently as RFC 7468 §2 advises: text around the blocks, CRLF, white space and a byte-order mark are
 * passed over; a block that is cut short or is not base64 is refused with its line.
 */
import { EksX509Error } from "../foundation/errors.ts";
import type { NamedBytes } from "../foundation/files.ts";

export interface PemBlock {
  /** `CERTIFICATE`, `EC PRIVATE KEY`, … */
  label: string;
  /** Line of the BEGIN, from 1. */
  line: number;
  /** `Proc-Type: 4,ENCRYPTED` and the like, RFC 1421. */
  headers: readonly string[];
  der: Buffer;
}

/** What a PEM file is read for. */
type KeyPairHop = "certificate" | "private-key";

const begin = /^-----BEGIN ([A-Z0-9 ]{1,64})-----$/;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** All blocks, in the file's order; none when the text holds none. One pass, so that a hostile file costs no more than its length. */
export function pemBlocks(file: NamedBytes, hop: KeyPairHop): PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { label: string; line: number; content: string[] } | undefined;
  for (const [index, line] of textLines(file.bytes).entries()) {
    const label = begin.exec(line)?.[1];
    if (open && (label !== undefined || line === `-----END ${open.label}-----`)) {
      if (label !== undefined)
        throw malformed(file, hop, open.line, `the ${open.label} block has no END line`);
      blocks.push(block(file, hop, open.label, open.line, open.content));
      open = undefined;
    } else if (open) open.content.push(line);
    else if (label !== undefined) open = { label, line: index + 1, content: [] };
  }
  if (open) throw malformed(file, hop, open.line, `the ${open.label} block has no END line`);
  return blocks;
}

/** What the blocks are called, also those that cannot be read. */
export function pemLabels(file: NamedBytes): string[] {
  return textLines(file.bytes).flatMap((line) => begin.exec(line)?.[1] ?? []);
}

function textLines(bytes: Uint8Array): string[] {
  return Buffer.from(bytes)
    .toString("utf8")
    .split(/\r\n|\n|\r/)
    .map((line) => line.replace(/^\uFEFF/, "").trim());
}

function block(file: NamedBytes, hop: KeyPairHop, label: string, line: number, content: string[]): PemBlock {
  const headers = content.filter((line) => line.includes(":"));
  const text = content
    .filter((line) => !line.includes(":"))
    .join("")
    .replace(/\s/g, "");
  if (text.length % 4 !== 0 || !base64.test(text))
    throw malformed(file, hop, line, `the ${label} block is not base64`);
  return { label, line, headers, der: Buffer.from(text, "base64") };
}

function malformed(file: NamedBytes, hop: KeyPairHop, line: number, why: string): EksX509Error {
  return new EksX509Error({
    category: "identity",
    hop,
    code: "PEM_MALFORMED",
    message: `${file.name}, line ${line}: ${why}`,
    hint: "The file was cut short or damaged on its way. Export it again.",
  });
}

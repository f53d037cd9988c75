/**
 * Reads ASN.1 in DER, and of BER what programs still write: indefinite lengths and strings in pieces. X.690. Each function returns
 * undefined or an empty list if the bytes have another form.
 */

export interface Element {
  tagClass: number;
  tag: number;
  isConstructed: boolean;
  /** The bytes behind tag and length. */
  content: Buffer;
  /** With tag and length. */
  whole: Buffer;
  /** Empty if it is not constructed. */
  elements: readonly Element[];
}

/** X.690 §8.1.2.2. */
const universal = 0;
const contextSpecific = 2;

/** X.680 §8.6. */
const types = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  oid: 6,
  sequence: 16,
  set: 17,
  utcTime: 23,
  generalizedTime: 24,
} as const;

/** No structure of X.509, PKCS#8 or PKCS#12 is nested as deep. A hostile one must not exhaust the stack. */
const deepest = 64;

/** Bytes of a tag or of a length. No file needs more. */
const longestNumber = 4;

/**
 * The first element; undefined if the bytes, or those inside, are no ASN.1.
 * @param isWhole whether no bytes may follow it
 */
export function parsed(bytes: Uint8Array, isWhole = false): Element | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const element = elementAt(buffer, 0, deepest);
  return isWhole && element?.whole.length !== buffer.length ? undefined : element;
}

function elementAt(bytes: Buffer, start: number, depth: number): Element | undefined {
  const header = headerAt(bytes, start);
  if (!header || depth === 0 || !isPossible(header)) return undefined;
  const { tagClass, tag, isConstructed, length, end: from } = header;
  const isOpen = length === undefined;
  const limit = isOpen ? bytes.length : from + length;
  if (limit > bytes.length) return undefined;
  const inside = isConstructed
    ? elementsIn(bytes.subarray(0, limit), from, isOpen, depth - 1)
    : { elements: [], end: limit };
  if (!inside) return undefined;
  const { elements, end } = inside;
  const whole = bytes.subarray(start, isOpen ? end + endMark : end);
  return { tagClass, tag, isConstructed, content: bytes.subarray(from, end), whole, elements };
}

/** X.690 §8.9.1, §8.11.1: a SEQUENCE and a SET are constructed. §8.1.3.2: so is what has no length. X.680 §8.6 reserves the other tags. */
function isPossible({ tagClass, tag, isConstructed, length }: Header): boolean {
  if (length === undefined && !isConstructed) return false;
  if (tagClass !== universal) return true;
  const isList = tag === types.sequence || tag === types.set;
  return tag > 0 && tag < 37 && (isConstructed || !isList);
}

/** Two zero bytes. */
const endMark = 2;

/** @param isOpen whether the mark ends them, X.690 §8.1.5, and not the end of the bytes */
function elementsIn(
  bytes: Buffer,
  from: number,
  isOpen: boolean,
  depth: number,
): { elements: Element[]; end: number } | undefined {
  const elements: Element[] = [];
  let at = from;
  while (at < bytes.length) {
    if (isOpen && bytes[at] === 0 && bytes[at + 1] === 0) return { elements, end: at };
    const element = elementAt(bytes, at, depth);
    if (!element) return undefined;
    elements.push(element);
    at += element.whole.length;
  }
  return isOpen ? undefined : { elements, end: at };
}

interface Header {
  tagClass: number;
  tag: number;
  isConstructed: boolean;
  /** Undefined if a mark ends the content. */
  length: number | undefined;
  /** Where the content begins. */
  end: number;
}

/** X.690 §8.1.2 and §8.1.3. */
function headerAt(bytes: Buffer, start: number): Header | undefined {
  const first = bytes[start] ?? 0;
  const { tag, end } = tagAt(bytes, start);
  const length = bytes[end];
  if (length === undefined) return undefined;
  const header = { tagClass: first >> 6, tag, isConstructed: (first & 0x20) !== 0 };
  const count = length & 0x7f;
  if (length < 0x80) return { ...header, length, end: end + 1 };
  if (count === 0) return { ...header, length: undefined, end: end + 1 };
  if (count > longestNumber || end + count >= bytes.length) return undefined;
  return { ...header, length: bytes.readUIntBE(end + 1, count), end: end + 1 + count };
}

/** @returns a tag that no type has if its number is too long */
function tagAt(bytes: Buffer, start: number): { tag: number; end: number } {
  const short = (bytes[start] ?? 0) & 0x1f;
  if (short !== 0x1f) return { tag: short, end: start + 1 };
  let [tag, end] = [0, start + 1];
  while (end - start < longestNumber && (bytes[end] ?? 0) >= 0x80)
    tag = tag * 128 + ((bytes[end++] ?? 0) & 0x7f);
  return { tag: tag * 128 + ((bytes[end] ?? 0) & 0x7f), end: end + 1 };
}

/** Whether a file is DER: a SEQUENCE, 0x30. A PEM file can begin with the digit 0 as well, but not with such a length behind it. */
export function isDer(bytes: Uint8Array): boolean {
  const [tag, length = 0] = bytes;
  return tag === 0x30 && (length >= 0x80 || length + 2 === bytes.length);
}

export function isA(
  type: keyof typeof types,
  element: Element | undefined,
): element is Element & { tagClass: typeof universal } {
  return element?.tagClass === universal && element.tag === types[type];
}

export function isSameElement(one: Element | undefined, other: Element | undefined): boolean {
  return one !== undefined && other !== undefined && one.whole.equals(other.whole);
}

/** The elements of a SEQUENCE, a SET or a constructed tag; an empty list for other elements. */
export function children(element: Element | undefined): readonly Element[] {
  if (!element) return [];
  const isList = element.tagClass !== universal || isA("sequence", element) || isA("set", element);
  return isList ? element.elements : [];
}

/** A SEQUENCE in DER. */
export function sequence(parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([0x30]), derLength(body.length), body]);
}

/** X.690 §10.1: in as few bytes as possible. */
export function derLength(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  const digits = bytes.toString(16);
  const number = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
  return Buffer.from([0x80 | number.length, ...number]);
}

/** In dots. X.690 §8.19: seven bits a byte, and the first two numbers in one. */
export function oid(element: Element | undefined): string | undefined {
  if (!isA("oid", element) || element.content.length === 0 || element.isConstructed) return undefined;
  const numbers: bigint[] = [];
  let value = 0n;
  for (const byte of element.content) {
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(value);
    value = 0n;
  }
  const [both = 0n, ...more] = numbers;
  const first = both < 80n ? both / 40n : 2n;
  return (element.content.at(-1) ?? 0) < 0x80 ? [first, both - first * 40n, ...more].join(".") : undefined;
}

/** The encodings of the string types, X.680 §8.6 and X.690 §8.23. */
const encodings: ReadonlyMap<number, (bytes: Buffer) => string> = new Map([
  [12, utf8],
  ...[18, 19, 20, 21, 22, 25, 26, 27].map((type) => [type, latin1] as const),
  [28, utf32],
  [30, (bytes) => utf16.decode(bytes)],
]);

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf16 = new TextDecoder("utf-16be", { ignoreBOM: true });

/** What is not UTF-8 is shown as Latin-1, as other tools do. */
function utf8(bytes: Buffer): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return latin1(bytes);
  }
}

function latin1(bytes: Buffer): string {
  return bytes.toString("latin1");
}

function utf32(bytes: Buffer): string {
  const points = Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readUInt32BE(index * 4));
  return points.map((point) => (point > 0x10ffff ? "\ufffd" : String.fromCodePoint(point))).join("");
}

export function text(element: Element | undefined): string | undefined {
  if (element?.tagClass !== universal) return undefined;
  return encodings.get(element.tag)?.(element.isConstructed ? pieces(element) : element.content);
}

/** A string in pieces, X.690 §8.7.3. */
function pieces({ elements, content, isConstructed }: Element): Buffer {
  return isConstructed ? Buffer.concat(elements.map(pieces)) : content;
}

/** The content of an OCTET STRING or of an implicitly tagged primitive. */
export function octets(element: Element | undefined): Buffer | undefined {
  if (isA("octetString", element)) return pieces(element);
  return element && element.tagClass !== universal && !element.isConstructed ? element.content : undefined;
}

/** The content of an implicitly tagged OCTET STRING, which can be in pieces. */
export function implicitOctets(element: Element | undefined): Buffer | undefined {
  return element && pieces(element);
}

/** The bytes of a BIT STRING. X.690 §8.6.2: its first byte counts the bits that are not used. */
export function bits(element: Element | undefined): Buffer | undefined {
  return isA("bitString", element) && !element.isConstructed ? element.content.subarray(1) : undefined;
}

export function integer(element: Element | undefined): bigint | undefined {
  if (!isA("integer", element) || element.content.length === 0) return undefined;
  return BigInt.asIntN(element.content.length * 8, BigInt(`0x${element.content.toString("hex")}`));
}

/** BOOLEAN DEFAULT FALSE. */
export function isTrue(element: Element | undefined): boolean {
  return isA("boolean", element) && element.content.some((byte) => byte !== 0);
}

/** In the forms of RFC 5280 §4.1.2.5. Undefined for a date that no calendar has. */
export function time(element: Element | undefined): Date | undefined {
  const written = element ? latin1(element.content) : "";
  if (isA("utcTime", element)) return dateIn(`${Number(written.slice(0, 2)) < 50 ? "20" : "19"}${written}`);
  return isA("generalizedTime", element) ? dateIn(written) : undefined;
}

function dateIn(written: string): Date | undefined {
  const form = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
  const date = new Date(form.test(written) ? written.replace(form, "$1-$2-$3T$4:$5:$6Z") : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

export function tagged(element: Element | undefined, number: number): Element | undefined {
  return children(element).find((child) => contextTag(child) === number);
}

/** Undefined for a tag that is not context-specific. */
export function contextTag({ tagClass, tag }: Element): number | undefined {
  return tagClass === contextSpecific ? tag : undefined;
}

export interface Extension {
  id: string;
  isCritical: boolean;
  /** Undefined if it is not ASN.1. */
  value: Element | undefined;
}

/** `extensions [3] EXPLICIT`, RFC 5280 §4.1. */
export function extensionsOf(tbs: Element): Extension[] {
  return extensionsIn(tagged(tbs, 3));
}

/** `SEQUENCE OF { extnID, critical DEFAULT FALSE, extnValue OCTET STRING }` in an explicit tag. */
export function extensionsIn(tag: Element | undefined): Extension[] {
  return children(children(tag)[0]).map((extension) => {
    const [id, critical] = children(extension);
    const value = octets(children(extension).at(-1));
    return { id: oid(id) ?? "?", isCritical: isTrue(critical), value: value && parsed(value, true) };
  });
}

export function extensionValue(extensions: readonly Extension[], id: string): Element | undefined {
  return extensions.find((extension) => extension.id === id)?.value;
}

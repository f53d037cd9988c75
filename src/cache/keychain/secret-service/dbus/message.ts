/** D-Bus messages: a header of typed fields, and a body. Pure. */
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

export interface Call {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string | undefined;
  readonly body?: ((writer: Writer) => void) | undefined;
}

export interface Reply {
  readonly to: number;
  /** The name of an error; undefined if the call succeeded. */
  readonly error: string | undefined;
  readonly body: Reader;
}

const field = { path: 1, interface: 2, member: 3, error: 4, replySerial: 5, destination: 6, signature: 8 };
const kind = { call: 1, reply: 2, error: 3 };
/** Maximum length of header and body. A list of all entries is shorter. */
const longest = 4 * 1024 * 1024;

export function encodeCall(serial: number, call: Call): Buffer {
  const writtenBody = new Writer();
  call.body?.(writtenBody);
  const body = writtenBody.bytes;
  const writer = new Writer();
  writer.raw(Buffer.from("l")).byte(kind.call).byte(0).byte(1).uint32(body.length).uint32(serial);
  const text = (code: number, type: "o" | "s", value: string): void => {
    writer.align(8).byte(code).signature(type).string(value);
  };
  writer.array(8, () => {
    text(field.path, "o", call.path);
    text(field.interface, "s", call.interface);
    text(field.member, "s", call.member);
    text(field.destination, "s", call.destination);
    if (call.signature !== undefined)
      writer.align(8).byte(field.signature).signature("g").signature(call.signature);
  });
  return writer.align(8).raw(body).bytes;
}

/** Undefined if the message is incomplete. Signals, and calls to us, have no reply. */
export function decodeMessage(bytes: Buffer): { length: number; reply: Reply | undefined } | undefined {
  if (bytes.length < 16) return undefined;
  const littleEndian = bytes[0] === 0x6c;
  const bodyLength = new Reader(bytes, littleEndian, 4).uint32();
  const fieldsLength = new Reader(bytes, littleEndian, 12).uint32();
  const bodyAt = Math.ceil((16 + fieldsLength) / 8) * 8;
  const length = bodyAt + bodyLength;
  if (length > longest) throw new RangeError("a message exceeds the limit");
  if (bytes.length < length) return undefined;
  const whole = bytes.subarray(0, length);
  return { length, reply: replyOf(whole, littleEndian, bodyAt) };
}

function replyOf(bytes: Buffer, littleEndian: boolean, bodyAt: number): Reply | undefined {
  const type = bytes[1];
  if (type !== kind.reply && type !== kind.error) return undefined;
  const header = new Reader(bytes, littleEndian, 12);
  const fields = new Map(header.array(8, () => [header.align(8).byte(), header.variant()]));
  const to = fields.get(field.replySerial);
  if (typeof to !== "number") throw new RangeError("a reply to nothing");
  const name = fields.get(field.error);
  const error = type === kind.error ? (typeof name === "string" ? name : "unknown") : undefined;
  // The alignment counts from the start of the body, which is aligned.
  return { to, error, body: new Reader(bytes.subarray(bodyAt), littleEndian) };
}

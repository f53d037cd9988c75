import { isJsonObject, isList, objectIn, textIn, type JsonObject } from "./json.ts";
import { envelope, schemas, type Schema, type Struct } from "../objects/schemas.ts";
import { badRequest } from "./status.ts";

/**
 * Reads protobuf, which kubectl sends since 1.32 for its built-in kinds. Answers stay JSON.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 * https://protobuf.dev/programming-guides/encoding/
 */

const magic = Buffer.from("k8s\0", "latin1");

/** The object in the form of its JSON. */
export function protobufBody(body: Buffer): JsonObject {
  if (!body.subarray(0, magic.length).equals(magic)) throw malformed();
  const frame = message(body.subarray(magic.length), envelope);
  const typeMeta = objectIn(frame, "typeMeta");
  const struct = schemas.get(textIn(typeMeta, "kind"));
  if (struct === undefined)
    throw badRequest(`no kind ${JSON.stringify(textIn(typeMeta, "kind"))} is registered`);
  return { ...message(Buffer.from(textIn(frame, "raw"), "base64"), struct), ...typeMeta };
}

const malformed = () => badRequest("the body is not a Kubernetes protobuf message");

/** Skips fields that are not in the schema or are `any` there. */
function message(bytes: Buffer, struct: Struct): JsonObject {
  const read = new Map<string, unknown>();
  for (const { number, value } of records(bytes)) {
    const [name, field] = Object.entries(struct.fields).find(([, known]) => known.number === number) ?? [];
    if (name === undefined || field === undefined || field.schema.type === "any") continue;
    read.set(name, joined(read.get(name), field.schema, value));
  }
  // Kubernetes writes empty texts too; JSON omits them.
  return Object.fromEntries([...read].filter(([, value]) => value !== ""));
}

type Value = Buffer | bigint;

/** Lists and maps arrive as one record for each entry. */
function joined(before: unknown, schema: Schema, value: Value): unknown {
  if (schema.type === "list") return [...(isList(before) ? before : []), single(schema.of, value)];
  if (schema.type !== "map") return single(schema, value);
  const entry = message(bytesOf(value), {
    type: "struct",
    name: "entry",
    fields: { key: { number: 1, schema: { type: "string" } }, value: { number: 2, schema: schema.of } },
  });
  const entries = isJsonObject(before) ? Object.entries(before) : [];
  return Object.fromEntries([...entries, [textIn(entry, "key"), entry["value"] ?? ""]]);
}

function single(schema: Schema, value: Value): unknown {
  switch (schema.type) {
    case "struct":
      return message(bytesOf(value), schema);
    case "string":
      return bytesOf(value).toString("utf8");
    case "bytes":
      return bytesOf(value).toString("base64");
    case "boolean":
      return value !== 0n;
    case "list":
    case "map":
    case "any":
      return undefined;
  }
}

function bytesOf(value: Value): Buffer {
  if (Buffer.isBuffer(value)) return value;
  throw malformed();
}

function* records(bytes: Buffer): Generator<{ number: number; value: Value }> {
  let rest = bytes;
  while (rest.length > 0) {
    const tag = varint(rest);
    const { value, length } = content(Number(tag.value & 7n), rest.subarray(tag.length));
    yield { number: Number(tag.value >> 3n), value };
    rest = rest.subarray(tag.length + length);
  }
}

function content(wireType: number, rest: Buffer): { value: Value; length: number } {
  switch (wireType) {
    case 0:
      return varint(rest);
    case 1:
      return { value: slice(rest, 0, 8), length: 8 };
    case 2: {
      const size = varint(rest);
      const value = slice(rest, size.length, Number(size.value));
      return { value, length: size.length + value.length };
    }
    case 5:
      return { value: slice(rest, 0, 4), length: 4 };
    default:
      throw malformed();
  }
}

function slice(bytes: Buffer, start: number, length: number): Buffer {
  if (start + length > bytes.length) throw malformed();
  return bytes.subarray(start, start + length);
}

/** Seven bits a byte, lowest first; at most ten bytes. */
function varint(bytes: Buffer): { value: bigint; length: number } {
  const last = bytes.subarray(0, 10).findIndex((byte) => byte < 0x80);
  if (last < 0) throw malformed();
  const value = bytes.subarray(0, last + 1).reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n);
  return { value, length: last + 1 };
}

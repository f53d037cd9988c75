import { parseJson } from "../../../../foundation/json.ts";
import { type JsonObject, isJsonObject, isList, objectIn, textIn } from "../../../json-value.ts";
import { type Fields, type Resource, containerOf, fieldsOf, groupVersion, version } from "../resources.ts";
import { badRequest, unsupportedMediaType } from "./status.ts";

/** Reads a body in both encodings that kubectl sends. */
export function decodedBody(body: Buffer, contentType: string): JsonObject {
  const type = mediaType(contentType);
  if (type === "application/vnd.kubernetes.protobuf") return protobufBody(body);
  if (type !== "" && type !== "application/json")
    throw unsupportedMediaType(["application/json", "application/vnd.kubernetes.protobuf"]);
  const value = jsonBody(body);
  if (isJsonObject(value)) return value;
  throw badRequest("the object provided is unrecognized: not a JSON object");
}

export const mediaType = (contentType: string) => (contentType.split(";")[0] ?? "").trim().toLowerCase();

export function jsonBody(body: Buffer): unknown {
  const value = parseJson(body.toString("utf8"));
  if (value !== undefined) return value;
  throw badRequest("the object provided is unrecognized: couldn't get version/kind; json parse error");
}

/**
 * Turns a body into an object of the resource's kind, or refuses it as the API server does. Types are always checked:
 * `mapRoles` as a list instead of a text is refused, as on a real cluster. Unknown fields are refused only on request
 * (kubectl sends fieldValidation=Strict), and dropped otherwise.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
 */
export function decode(
  body: JsonObject,
  { kind, group }: Resource,
  fieldValidation: string | null,
): JsonObject {
  checkKind(body, kind, groupVersion(group));
  const unknownFields: string[] = [];
  const fields = fieldsOf(kind);
  const decoded = fields ? structOf(body, fields, { kind, owner: kind, field: "", unknownFields }) : body;
  if (fieldValidation === "Strict" && unknownFields.length > 0) {
    const list = unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`).join(", ");
    throw unfit(kind, kind, `strict decoding error: ${list}`);
  }
  return { ...decoded, apiVersion: groupVersion(group), kind };
}

function checkKind(body: JsonObject, expectedKind: string, expected: string): void {
  const apiVersion = textIn(body, "apiVersion");
  const kind = textIn(body, "kind");
  if (!["", expected].includes(apiVersion))
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  if (!["", expectedKind].includes(kind))
    throw unfit(kind, expectedKind, `converting (${kind}) to (${expectedKind}): unknown conversion`);
}

const unfit = (kind: string, expected: string, why: string) =>
  badRequest(`${kind} in version "${version}" cannot be handled as a ${expected}: ${why}`);

interface Place {
  readonly kind: string;
  readonly owner: string;
  /** The path of the field, with list positions. */
  readonly field: string;
  readonly unknownFields: string[];
}

function structOf(value: JsonObject, fields: Fields, place: Place): JsonObject {
  const read: [string, unknown][] = [];
  for (const [name, content] of Object.entries(value)) {
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const field = place.field === "" ? name : `${place.field}.${name}`;
    if (known === undefined) place.unknownFields.push(field);
    // null is the same as absent.
    else if (content !== null) read.push([name, valueOf(content, known.type, { ...place, field })]);
  }
  return Object.fromEntries(read);
}

function valueOf(value: unknown, type: string, place: Place): unknown {
  const decoded = decodedAs(type, value, place);
  if (decoded !== undefined) return decoded;
  const found = isList(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  // Go's decoder prints the path without list positions.
  const field = `${place.owner}.${place.field.replaceAll(/\[\d+\]/g, "")}`;
  throw unfit(
    place.kind,
    place.kind,
    `json: cannot unmarshal ${found} into Go struct field ${field} of type ${type}`,
  );
}

const jsonTypes: Readonly<Record<string, string>> = {
  bool: "boolean",
  string: "string",
  "[]uint8": "string",
};

/** Undefined if the value has another type. */
function decodedAs(type: string, value: unknown, place: Place): unknown {
  const { container, of } = containerOf(type);
  const fields = fieldsOf(type);
  if (container === "list")
    return isList(value)
      ? value.map((item, at) => valueOf(item, of, { ...place, field: `${place.field}[${at}]` }))
      : undefined;
  if (container === "map") return isJsonObject(value) ? mapOf(value, of, place) : undefined;
  if (fields !== undefined)
    return isJsonObject(value)
      ? structOf(value, fields, { ...place, owner: type.replace("v1.", "") })
      : undefined;
  return type === "interface {}" || typeof value === jsonTypes[type] ? value : undefined;
}

/** In the order of their keys, as Go prints a map. */
function mapOf(value: JsonObject, of: string, place: Place): JsonObject {
  const present = Object.entries(value)
    .filter(([, content]) => content !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(present.map(([name, content]) => [name, valueOf(content, of, place)]));
}

const magic = Buffer.from("k8s\0", "latin1");

/**
 * Reads protobuf, which kubectl sends since 1.32 for its built-in kinds, into the form of its JSON. Answers stay JSON.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 * https://protobuf.dev/programming-guides/encoding/
 */
export function protobufBody(body: Buffer): JsonObject {
  if (!body.subarray(0, magic.length).equals(magic)) throw malformed();
  // The frame around every message: `Unknown` in k8s.io/apimachinery/pkg/runtime.
  const frame = message(body.subarray(magic.length), fieldsOf("Unknown") ?? {});
  const typeMeta = objectIn(frame, "typeMeta");
  const fields = fieldsOf(textIn(typeMeta, "kind"));
  if (fields === undefined)
    throw badRequest(`no kind ${JSON.stringify(textIn(typeMeta, "kind"))} is registered`);
  return { ...message(Buffer.from(textIn(frame, "raw"), "base64"), fields), ...typeMeta };
}

const malformed = () => badRequest("the body is not a Kubernetes protobuf message");

type Value = Buffer | bigint;

/** Skips unknown fields. Kubernetes writes empty texts too; JSON omits them. */
function message(bytes: Buffer, fields: Fields): JsonObject {
  const received = [...records(bytes)];
  const read = Object.entries(fields).map(([name, { number, type }]): [string, unknown] => {
    const values = received.filter((record) => record.number === number).map(({ value }) => value);
    return [name, joined(values, type)];
  });
  return Object.fromEntries(read.filter(([, value]) => value !== "" && value !== undefined));
}

/** Lists and maps arrive as one record for each entry; of anything else, the last record counts. */
function joined(values: readonly Value[], type: string): unknown {
  const { container, of } = containerOf(type);
  const last = values.at(-1);
  if (last === undefined) return undefined;
  if (container === "list") return values.map((value) => single(value, of));
  if (container === "map") return Object.fromEntries(values.map((value) => entryOf(value, of)));
  return single(last, type);
}

function entryOf(value: Value, type: string): [string, unknown] {
  const fields = { key: { number: 1, type: "string" }, value: { number: 2, type } };
  const entry = message(bytesOf(value), fields);
  return [textIn(entry, "key"), entry["value"] ?? ""];
}

/** Undefined for `interface {}`. */
function single(value: Value, type: string): unknown {
  const fields = fieldsOf(type);
  if (fields !== undefined) return message(bytesOf(value), fields);
  if (type === "string") return bytesOf(value).toString("utf8");
  if (type === "[]uint8") return bytesOf(value).toString("base64");
  return type === "bool" ? value !== 0n : undefined;
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
  if (wireType === 0) return varint(rest);
  if (wireType === 1) return slice(rest, 0, 8);
  if (wireType === 5) return slice(rest, 0, 4);
  if (wireType !== 2) throw malformed();
  const size = varint(rest);
  return slice(rest, size.length, Number(size.value));
}

/** `length` counts what is before the slice too. */
function slice(bytes: Buffer, start: number, size: number): { value: Buffer; length: number } {
  const length = start + size;
  if (length > bytes.length) throw malformed();
  return { value: bytes.subarray(start, length), length };
}

/** Seven bits a byte, lowest first; at most ten bytes. */
function varint(bytes: Buffer): { value: bigint; length: number } {
  const last = bytes.subarray(0, 10).findIndex((byte) => byte < 0x80);
  if (last < 0) throw malformed();
  const value = bytes.subarray(0, last + 1).reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n);
  return { value, length: last + 1 };
}

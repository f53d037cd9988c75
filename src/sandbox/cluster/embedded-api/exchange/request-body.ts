import { type JsonObject, isJsonObject, isList, objectIn, textIn } from "../../../json-value.ts";
import { badRequest, unsupportedMediaType } from "./status.ts";
import { type Schema, type Struct, envelope, schemas } from "../objects/schemas.ts";
import { type Resource, groupVersion } from "../resources.ts";

/** Reads a body in both encodings that kubectl sends. */
export function decodedBody(body: Buffer, contentType: string): JsonObject {
  switch (mediaType(contentType)) {
    case "":
    case "application/json":
      return parseObject(body.toString("utf8"));
    case "application/vnd.kubernetes.protobuf":
      return protobufBody(body);
    default:
      throw unsupportedMediaType(["application/json", "application/vnd.kubernetes.protobuf"]);
  }
}

/** The media type without parameters. */
export const mediaType = (contentType: string) => (contentType.split(";")[0] ?? "").trim().toLowerCase();

function parseObject(text: string): JsonObject {
  const value = parseJson(text);
  if (!isJsonObject(value)) throw badRequest("the object provided is unrecognized: not a JSON object");
  return value;
}

export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    // The parser's own message would quote the body.
    throw badRequest("the object provided is unrecognized: couldn't get version/kind; json parse error");
  }
}

/** Turns a body into an object of the resource's kind, or refuses it as the API server does. */

/**
 * Types are always checked: `mapRoles` as a list instead of a text is refused, as on a real cluster. Unknown fields are
 * refused only on request (kubectl sends fieldValidation=Strict), and dropped otherwise.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
 */
export function decode(body: JsonObject, resource: Resource, fieldValidation: string): JsonObject {
  checkKind(body, resource);
  const struct = schemas.get(resource.kind);
  if (struct === undefined) return body;
  const unknownFields: string[] = [];
  const decoded = fieldsOf(body, struct, { kind: resource, path: [], field: "", unknownFields });
  if (fieldValidation === "Strict" && unknownFields.length > 0) {
    const list = unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`).join(", ");
    const { kind, version } = resource;
    throw badRequest(
      `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${list}`,
    );
  }
  return { ...decoded, apiVersion: groupVersion(resource), kind: resource.kind };
}

function checkKind(body: JsonObject, resource: Resource): void {
  const apiVersion = textIn(body, "apiVersion");
  const kind = textIn(body, "kind");
  const expected = groupVersion(resource);
  if (apiVersion !== "" && apiVersion !== expected)
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  if (kind !== "" && kind !== resource.kind)
    throw badRequest(
      `${kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ` +
        `converting (${kind}) to (${resource.kind}): unknown conversion`,
    );
}

interface Place {
  readonly kind: Resource;
  /** Without list positions, as Go's decoder prints it. */
  readonly path: readonly string[];
  /** With list positions, as strict decoding prints it. */
  readonly field: string;
  readonly unknownFields: string[];
}

function fieldsOf(value: JsonObject, struct: Struct, place: Place): JsonObject {
  const read: [string, unknown][] = [];
  for (const [name, content] of Object.entries(value)) {
    const known = Object.hasOwn(struct.fields, name) ? struct.fields[name] : undefined;
    const field = place.field === "" ? name : `${place.field}.${name}`;
    if (known === undefined) place.unknownFields.push(field);
    // null is the same as absent.
    else if (content !== null) {
      const path = [...place.path, name];
      read.push([name, valueOf(content, known.schema, struct.name, { ...place, path, field })]);
    }
  }
  return Object.fromEntries(read);
}

function valueOf(value: unknown, schema: Schema, owner: string, place: Place): unknown {
  const decoded = decodedAs(schema, value, owner, place);
  if (decoded !== undefined) return decoded;
  const { kind, version } = place.kind;
  const found = isList(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  throw badRequest(
    `${kind} in version "${version}" cannot be handled as a ${kind}: json: cannot unmarshal ${found} ` +
      `into Go struct field ${owner}.${place.path.join(".")} of type ${goType(schema)}`,
  );
}

/** Undefined if the value has another type. */
function decodedAs(schema: Schema, value: unknown, owner: string, place: Place): unknown {
  switch (schema.type) {
    case "struct":
      return isJsonObject(value) ? fieldsOf(value, schema, place) : undefined;
    case "map":
      return isJsonObject(value) ? mapValues(value, schema.of, owner, place) : undefined;
    case "list":
      return isList(value)
        ? value.map((item, index) => itemOf(item, index, schema.of, owner, place))
        : undefined;
    case "boolean":
    case "string":
    case "bytes":
      return typeof value === scalars[schema.type] ? value : undefined;
    case "any":
      return value;
  }
}

const scalars = { boolean: "boolean", string: "string", bytes: "string" };

const itemOf = (item: unknown, index: number, of: Schema, owner: string, place: Place) =>
  valueOf(item, of, owner, { ...place, field: `${place.field}[${index}]` });

/** In the order of their keys, as Go prints a map. */
function mapValues(value: JsonObject, of: Schema, owner: string, place: Place): JsonObject {
  const present = Object.entries(value)
    .filter(([, content]) => content !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(present.map(([name, content]) => [name, valueOf(content, of, owner, place)]));
}

function goType(schema: Schema): string {
  switch (schema.type) {
    case "struct":
      return `v1.${schema.name}`;
    case "list":
      return `[]${goType(schema.of)}`;
    case "map":
      return `map[string]${goType(schema.of)}`;
    case "any":
      return "interface {}";
    case "string":
      return "string";
    case "bytes":
      return "[]uint8";
    case "boolean":
      return "bool";
  }
}

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

/** Skips fields that are not in the schema or are `any` there. Kubernetes writes empty texts too; JSON omits them. */
function message(bytes: Buffer, struct: Struct): JsonObject {
  const names = new Map(Object.entries(struct.fields).map(([name, { number }]) => [number, name]));
  const received = new Map<string, [Value, ...Value[]]>();
  for (const { number, value } of records(bytes)) {
    const name = names.get(number);
    if (name === undefined) continue;
    const values = received.get(name);
    if (values === undefined) received.set(name, [value]);
    else values.push(value);
  }
  const read = [...received].map(
    ([name, values]) => [name, joined(struct.fields[name]?.schema, values)] as const,
  );
  return Object.fromEntries(read.filter(([, value]) => value !== "" && value !== undefined));
}

type Value = Buffer | bigint;

/** Lists and maps arrive as one record for each entry; of anything else, the last record counts. */
function joined(schema: Schema | undefined, values: readonly [Value, ...Value[]]): unknown {
  if (schema === undefined) return undefined;
  if (schema.type === "list") return values.map((value) => single(schema.of, value));
  if (schema.type === "map") return Object.fromEntries(values.map((value) => entryOf(value, schema.of)));
  return single(schema, values.at(-1) ?? values[0]);
}

function entryOf(value: Value, of: Schema): [string, unknown] {
  const fields = {
    key: { number: 1, schema: { type: "string" } },
    value: { number: 2, schema: of },
  } as const;
  const entry = message(bytesOf(value), { type: "struct", name: "entry", fields });
  return [textIn(entry, "key"), entry["value"] ?? ""];
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

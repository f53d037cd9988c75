import { isJsonObject, isList, textIn, type JsonObject } from "./json.ts";
import { groupVersion, type Resource } from "../resources.ts";
import { schemas, type Schema, type Struct } from "../objects/schemas.ts";
import { badRequest } from "./status.ts";

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

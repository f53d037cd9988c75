/** Reads the input of an operation from a request, in the protocol of its API: REST with JSON, JSON with a target, or a form. */
import { parseJson } from "../../../foundation/json.ts";
import type { WireRequest } from "../../wire.ts";
import { type JsonObject, isJsonObject } from "../../json-value.ts";
import { type Parameter, parseParameters, uriDecode } from "../signature/parameters.ts";
import { type ApiModel, type Member, type OperationModel, type Shape, shapeOf } from "./model.ts";

/** An operation, and the parts of its path. */
export interface Routed {
  name: string;
  operation: OperationModel;
  labels: Readonly<Record<string, string>>;
}

/** The operation of a REST request; undefined if no template fits its path. */
export function routed({ operations }: ApiModel, { method, path }: WireRequest): Routed | undefined {
  const segments = path.replace(/\/$/, "").split("/");
  for (const [name, operation] of Object.entries(operations)) {
    const labels = operation.method === method ? labelsIn(operation.uri.split("/"), segments) : undefined;
    if (labels) return { name, operation, labels };
  }
  return undefined;
}

function labelsIn(
  template: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (template.length !== segments.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    const segment = segments[index] ?? "";
    const [, label] = /^\{(.*)\}$/.exec(part) ?? [];
    if (label === undefined ? part !== segment : segment === "") return undefined;
    if (label !== undefined) labels[label] = uriDecode(segment.replaceAll("+", "%2B")) ?? segment;
  }
  return labels;
}

/** @returns undefined if the body is not a JSON object, or the query has a broken escape */
export function restInput(
  model: ApiModel,
  { operation, labels }: Routed,
  request: WireRequest,
): JsonObject | undefined {
  const body = jsonInput(request);
  const query = parseParameters(request.rawQuery);
  if (!body || !query) return undefined;
  const { members = {} } = shapeOf(model, operation.input ?? "");
  const read = ([name, member]: [string, Member]): [string, unknown][] => {
    const value =
      located(model, member, labels, query) ?? (member.location === undefined ? body[name] : undefined);
    return value === undefined ? [] : [[name, value]];
  };
  return Object.fromEntries(Object.entries(members).flatMap(read));
}

function located(
  model: ApiModel,
  { shape, location, locationName = "" }: Member,
  labels: Readonly<Record<string, string>>,
  query: readonly Parameter[],
): unknown {
  if (location === "uri") return labels[locationName];
  if (location !== "querystring") return undefined;
  const values = query.flatMap(({ name, value }) => (name === locationName ? [value] : []));
  if (values.length === 0) return undefined;
  const described = shapeOf(model, shape);
  return described.type === "list" ? values : scalarIn(values[0] ?? "", described);
}

/** An empty body is an empty object. */
export function jsonInput({ body }: WireRequest): JsonObject | undefined {
  const content = body.length === 0 ? {} : parseJson(body.toString("utf8"));
  return isJsonObject(content) ? content : undefined;
}

/** The form of the query protocol: `Tags.member.1.Key=a`. Members that the shape does not have are ignored, as IAM does. */
export function formInput(model: ApiModel, shapeName: string, form: readonly Parameter[]): JsonObject {
  const values = new Map(form.map(({ name, value }) => [name, value]));
  return formStructure({ model, values }, "", shapeOf(model, shapeName));
}

interface Form {
  model: ApiModel;
  values: ReadonlyMap<string, string>;
}

function formStructure(form: Form, prefix: string, { members = {} }: Shape): JsonObject {
  const read = Object.entries(members).flatMap(([name, { shape }]) => {
    const value = formValue(form, `${prefix}${name}`, shapeOf(form.model, shape));
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(read);
}

function formValue(form: Form, name: string, shape: Shape): unknown {
  if (shape.type === "list") return formList(form, name, shapeOf(form.model, shape.member ?? ""));
  if (shape.type !== "structure") {
    const text = form.values.get(name);
    return text === undefined ? undefined : scalarIn(text, shape);
  }
  const value = formStructure(form, `${name}.`, shape);
  return Object.keys(value).length === 0 ? undefined : value;
}

function formList(form: Form, name: string, items: Shape): unknown[] | undefined {
  if (form.values.get(name) === "") return [];
  const list: unknown[] = [];
  for (;;) {
    const value = formValue(form, `${name}.member.${list.length + 1}`, items);
    if (value === undefined) return list.length === 0 ? undefined : list;
    list.push(value);
  }
}

/** Text of another type stays text, which the check of the shape refuses. */
function scalarIn(text: string, { type }: Shape): unknown {
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (type === "integer" || type === "long") return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  return text;
}

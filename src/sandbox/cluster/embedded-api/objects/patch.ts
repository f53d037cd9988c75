/**
 * The kinds of PATCH of the API server, except server-side apply, which needs field ownership. The sandbox does not keep
 * it; kubectl reports this itself when it gets the 415.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
 */
import { isDeepStrictEqual } from "node:util";
import { jsonBody, mediaType } from "../exchange/request-body.ts";
import { StatusError, badRequest, unsupportedMediaType } from "../exchange/status.ts";
import { type JsonObject, isJsonObject, isList, textIn } from "../../../json-value.ts";

type Patch = (target: JsonObject, patch: unknown) => unknown;

const patches: ReadonlyMap<string, Patch> = new Map([
  ["application/json-patch+json", jsonPatch],
  ["application/merge-patch+json", mergePatch],
  ["application/strategic-merge-patch+json", strategicMergePatch],
]);

export function patched(target: JsonObject, contentType: string, body: Buffer): JsonObject {
  const patch = patches.get(mediaType(contentType));
  if (patch === undefined) throw unsupportedMediaType([...patches.keys()]);
  const result = patch(target, jsonBody(body));
  if (!isJsonObject(result)) throw badRequest("the patch leaves no object");
  return result;
}

/** RFC 7396: null removes, an object merges, anything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map(isJsonObject(target) ? Object.entries(target) : []);
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) merged.delete(field);
    else merged.set(field, mergePatch(merged.get(field), value));
  }
  return Object.fromEntries(merged);
}

/**
 * None of the kinds here has a list that is merged by key: rules, subjects and the data of a ConfigMap are replaced. So a
 * strategic merge without directives is a merge patch.
 * https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
 */
function strategicMergePatch(target: JsonObject, patch: unknown): unknown {
  const directive = directiveIn(patch);
  if (directive === undefined) return mergePatch(target, patch);
  throw badRequest(`the sandbox does not support the strategic merge patch directive ${directive}`);
}

function directiveIn(patch: unknown): string | undefined {
  if (isList(patch)) return patch.map(directiveIn).find((found) => found !== undefined);
  if (!isJsonObject(patch)) return undefined;
  const own = Object.keys(patch).find((field) => /^\$(patch|retainKeys|.+\/)/.test(field));
  return own ?? directiveIn(Object.values(patch));
}

/** The API server's limits on a JSON patch: operations, and bytes of all copies. */
const mostOperations = 10_000;
const mostCopied = 3 * 1024 * 1024;

interface Patched {
  /** The object is its only field, so that an operation on all of it is like any other. */
  readonly whole: JsonObject;
  copied: number;
}

/**
 * JSON Patch (RFC 6902) on JSON Pointers (RFC 6901). The operations change a clone in place, so that each costs what it
 * touches, and not the size of the object.
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!isList(patch)) throw badRequest("a JSON patch is a list of operations");
  if (patch.length > mostOperations)
    throw new StatusError(
      "RequestEntityTooLarge",
      `Request entity is too large: The allowed maximum operations in a JSON patch is ${mostOperations}, got ${patch.length}`,
    );
  const patched = { whole: { "": structuredClone(target) }, copied: 0 };
  for (const operation of patch) applyOperation(patched, operation);
  return patched.whole[""];
}

function applyOperation(patched: Patched, operation: unknown): void {
  if (!isJsonObject(operation)) throw badRequest("an operation of a JSON patch is an object");
  const path = pointer(operation, "path");
  const op = textIn(operation, "op");
  if (op === "add" || op === "replace") edit(patched, path, op, valueOf(operation));
  else if (op === "remove") edit(patched, path, op);
  else if (op === "copy") edit(patched, path, "add", copyOf(patched, pointer(operation, "from")));
  else if (op === "move") move(patched, pointer(operation, "from"), path);
  else if (op !== "test") throw badRequest(`unknown JSON patch operation ${JSON.stringify(op)}`);
  else if (!isDeepStrictEqual(read(patched, path), valueOf(operation))) throw misfit();
}

/** The server answers 422 to a well-formed patch that does not fit, without a reason. */
const misfit = () =>
  new StatusError("Invalid", "the server rejected our request due to an error in our request", {});

function valueOf(operation: JsonObject): unknown {
  if (!Object.hasOwn(operation, "value")) throw badRequest("an operation of the JSON patch lacks its value");
  return operation["value"];
}

/** The steps from the whole: the first one is empty. */
function pointer(operation: JsonObject, field: string): readonly string[] {
  const text = operation[field];
  if (typeof text !== "string" || (text !== "" && !text.startsWith("/")))
    throw badRequest(`${field} of a JSON patch operation is not a JSON pointer`);
  return text.split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A copy of a copy doubles the object, so all copies count together. */
function copyOf(patched: Patched, from: readonly string[]): unknown {
  const value = read(patched, from);
  patched.copied += JSON.stringify(value).length;
  if (patched.copied > mostCopied) throw misfit();
  return structuredClone(value);
}

/** RFC 6902, section 4.4: the target is not inside of what moves. */
function move(patched: Patched, from: readonly string[], path: readonly string[]): void {
  const value = read(patched, from);
  if (from.length < path.length && from.every((step, at) => step === path[at])) throw misfit();
  edit(patched, from, "remove");
  edit(patched, path, "add", value);
}

const read = ({ whole }: Patched, path: readonly string[]) => path.reduce(child, whole);

function child(parent: unknown, step: string): unknown {
  if (isList(parent) && position(step, parent.length - 1) !== undefined) return parent[Number(step)];
  if (isJsonObject(parent) && Object.hasOwn(parent, step)) return parent[step];
  throw misfit();
}

type Change = "add" | "replace" | "remove";

function edit(patched: Patched, path: readonly string[], change: Change, value?: unknown): void {
  const step = path.at(-1) ?? "";
  const parent = read(patched, path.slice(0, -1));
  if (change !== "add") child(parent, step);
  if (isMutableList(parent)) editList(parent, step, change, value);
  else if (!isJsonObject(parent)) throw misfit();
  else if (change === "remove") Reflect.deleteProperty(parent, step);
  // A field called __proto__ is a field.
  else Object.defineProperty(parent, step, { value, writable: true, enumerable: true, configurable: true });
}

const isMutableList = (value: unknown): value is unknown[] => Array.isArray(value);

function editList(list: unknown[], step: string, change: Change, value: unknown): void {
  const index = step === "-" && change === "add" ? list.length : position(step, list.length);
  if (index === undefined) throw misfit();
  list.splice(index, change === "add" ? 0 : 1, ...(change === "remove" ? [] : [value]));
}

function position(step: string, last: number): number | undefined {
  return /^(0|[1-9]\d*)$/.test(step) && Number(step) <= last ? Number(step) : undefined;
}

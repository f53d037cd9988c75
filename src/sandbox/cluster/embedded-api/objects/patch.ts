/**
 * The kinds of PATCH of the API server, except server-side apply, which needs field ownership. The sandbox does not keep
 * it; kubectl reports this itself when it gets the 415.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
 */
import { mediaType, parseJson } from "../exchange/request-body.ts";
import { StatusError, badRequest, unsupportedMediaType } from "../exchange/status.ts";
import { type JsonObject, isJsonObject, isList, sameJson, textIn } from "../../../json-value.ts";

type Patch = (target: JsonObject, patch: unknown) => unknown;

const patches: ReadonlyMap<string, Patch> = new Map([
  ["application/json-patch+json", jsonPatch],
  ["application/merge-patch+json", mergePatch],
  ["application/strategic-merge-patch+json", strategicMergePatch],
]);

export function patched(target: JsonObject, contentType: string, body: Buffer): JsonObject {
  const patch = patches.get(mediaType(contentType));
  if (patch === undefined) throw unsupportedMediaType([...patches.keys()]);
  const result = patch(target, parseJson(body.toString("utf8")));
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

/** JSON Patch (RFC 6902) on JSON Pointers (RFC 6901). Does not change its input. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!isList(patch)) throw badRequest("a JSON patch is a list of operations");
  return patch.reduce(applyOperation, target);
}

function applyOperation(target: unknown, operation: unknown): unknown {
  if (!isJsonObject(operation)) throw badRequest("an operation of a JSON patch is an object");
  const path = pointer(operation, "path");
  switch (textIn(operation, "op")) {
    case "add":
      return edit(target, path, valueOf(operation), "add");
    case "replace":
      return edit(target, path, valueOf(operation), "replace");
    case "remove":
      return edit(target, path, undefined, "remove");
    case "copy":
      return edit(target, path, read(target, pointer(operation, "from")), "add");
    case "move": {
      const from = pointer(operation, "from");
      return edit(edit(target, from, undefined, "remove"), path, read(target, from), "add");
    }
    case "test":
      if (!sameJson(read(target, path), valueOf(operation))) throw failed();
      return target;
    default:
      throw badRequest(`unknown JSON patch operation ${JSON.stringify(textIn(operation, "op"))}`);
  }
}

/** The server answers 422 without a reason if a well-formed patch does not fit. */
const failed = () =>
  new StatusError(422, "Invalid", "the server rejected our request due to an error in our request", {});

function valueOf(operation: JsonObject): unknown {
  if (!Object.hasOwn(operation, "value")) throw badRequest("an operation of the JSON patch lacks its value");
  return operation["value"];
}

function pointer(operation: JsonObject, field: string): readonly string[] {
  const text = operation[field];
  if (typeof text !== "string" || (text !== "" && !text.startsWith("/")))
    throw badRequest(`${field} of a JSON patch operation is not a JSON pointer`);
  const steps = text.split("/").slice(1);
  return steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function read(target: unknown, path: readonly string[]): unknown {
  return path.reduce((value, step) => child(value, step), target);
}

function child(parent: unknown, step: string): unknown {
  if (isList(parent) && position(step, parent.length - 1) !== undefined) return parent[Number(step)];
  if (isJsonObject(parent) && Object.hasOwn(parent, step)) return parent[step];
  throw failed();
}

type Change = "add" | "replace" | "remove";

function edit(target: unknown, path: readonly string[], value: unknown, change: Change): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change === "remove" ? null : value;
  if (rest.length > 0) return withChild(target, step, edit(child(target, step), rest, value, change));
  if (change !== "add") child(target, step);
  if (isList(target)) return editList(target, step, value, change);
  if (!isJsonObject(target)) throw failed();
  if (change !== "remove") return withChild(target, step, value);
  return Object.fromEntries(Object.entries(target).filter(([field]) => field !== step));
}

function withChild(parent: unknown, step: string, value: unknown): unknown {
  if (isList(parent)) return parent.map((item, index) => (index === Number(step) ? value : item));
  return Object.fromEntries([...Object.entries(isJsonObject(parent) ? parent : {}), [step, value]]);
}

function editList(list: readonly unknown[], step: string, value: unknown, change: Change): unknown {
  if (change === "replace") return withChild(list, step, value);
  const index = step === "-" ? list.length : position(step, list.length);
  if (index === undefined) throw failed();
  return change === "add" ? list.toSpliced(index, 0, value) : list.toSpliced(index, 1);
}

function position(step: string, last: number): number | undefined {
  return /^(0|[1-9]\d*)$/.test(step) && Number(step) <= last ? Number(step) : undefined;
}

import { isJsonObject, isList, type JsonObject } from "../exchange/json.ts";
import { jsonPatch } from "./json-patch.ts";
import { mediaType, parseJson } from "../exchange/request-body.ts";
import { badRequest, unsupportedMediaType } from "../exchange/status.ts";

/**
 * The kinds of PATCH of the API server, except server-side apply, which needs field ownership. The sandbox does not keep
 * it; kubectl reports this itself when it gets the 415.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
 */

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

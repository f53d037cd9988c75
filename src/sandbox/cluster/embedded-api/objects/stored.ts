import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { wholeSeconds } from "../../../../foundation/duration.ts";
import { type JsonObject, objectIn, textIn, textsIn } from "../../../json-value.ts";
import {
  type Answer,
  type Call,
  jsonAnswer,
  listAnswer,
  objectAnswer,
  rendered,
} from "../exchange/answer.ts";
import { decode, decodedBody } from "../exchange/request-body.ts";
import {
  StatusError,
  alreadyExists,
  badRequest,
  conflict,
  detailsOf,
  forbidden,
  invalid,
  invalidValue,
  notFound,
} from "../exchange/status.ts";
import { namespaces } from "../resources.ts";
import { type KubernetesObject, newIdentity, objectOf } from "./object.ts";
import { patched } from "./patch.ts";
import { type Selector, selector } from "./selectors.ts";
import { type Change, isIn } from "./store.ts";
import { validate } from "./validation.ts";

/**
 * The verbs of a stored resource.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/
 */

export const get = (call: Call): Answer => objectAnswer(call, existing(call));

export function list(call: Call): Answer {
  const wanted = selector(call.query);
  const asked = Number(call.query.get("resourceVersion") ?? "0");
  const { version } = call.store;
  if (asked > version)
    throw new StatusError("Timeout", `Timeout: Too large resource version: ${asked}, current: ${version}`, {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version", field: "" }],
    });
  return listAnswer(call, call.store.list(call.key).filter(wanted));
}

export function create(call: Call): Answer {
  const { body, metadata } = decoded(call, decodedBody(call.body, call.contentType));
  checkNamespace(call, metadata);
  const name = textIn(metadata, "name") || generatedName(textIn(metadata, "generateName"));
  const key = { ...call.key, name };
  const object = objectOf(key, body, newIdentity(call.now));
  validate(key, object);
  if (call.store.get(key) !== undefined) throw alreadyExists(key);
  return objectAnswer(call, isDryRun(call) ? object : call.store.put(key, object), 201);
}

export function update(call: Call): Answer {
  return replace(call, existing(call), decodedBody(call.body, call.contentType));
}

export function patch(call: Call): Answer {
  const current = existing(call);
  return replace(call, current, patched(current, call.contentType, call.body));
}

function replace(call: Call, current: KubernetesObject, content: JsonObject): Answer {
  const { key, store } = call;
  const { body, metadata } = decoded(call, content);
  const name = textIn(metadata, "name");
  if (name !== key.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${key.name})`);
  checkNamespace(call, metadata);
  checkPreconditions(call, current, metadata);
  const object = objectOf(key, body, current.metadata);
  validate(key, object);
  checkRoleRef(call, current, object);
  checkImmutable(call, current, object);
  const unchanged = isDryRun(call) || isDeepStrictEqual(current, object);
  return objectAnswer(call, unchanged ? object : store.put(key, object));
}
/** A namespace is removed at once with all its objects, because there is no controller for finalizers. */
export function remove(call: Call): Answer {
  const { key, store } = call;
  const object = existing(call);
  const options = call.body.length === 0 ? {} : decodedBody(call.body, call.contentType);
  checkPreconditions(call, object, objectIn(options, "preconditions"));
  const isNamespace = key.resource === namespaces;
  if (isNamespace && ["default", "kube-system", "kube-public"].includes(key.name))
    throw forbidden(key, "this namespace may not be deleted");
  if (!isDryRun(call) && !textsIn(options, "dryRun").includes("All")) {
    if (isNamespace) store.removeNamespaced(key.name);
    store.remove(key);
  }
  if (isNamespace) return objectAnswer(call, terminating(call, object));
  const details = { ...detailsOf(key), uid: object.metadata.uid };
  return jsonAnswer(200, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details });
}

const terminating = ({ now }: Call, object: KubernetesObject): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, deletionTimestamp: wholeSeconds(now) },
  status: { phase: "Terminating" },
});

function existing({ store, key }: Call): KubernetesObject {
  const object = store.get(key);
  if (object === undefined) throw notFound(key);
  return object;
}

function decoded({ key, query }: Call, content: JsonObject) {
  const body = decode(content, key.resource, query.get("fieldValidation"));
  return { body, metadata: objectIn(body, "metadata") };
}

function checkNamespace({ key, store }: Call, metadata: JsonObject): void {
  const { resource, namespace } = key;
  if (!resource.namespaced) return;
  if (!["", namespace].includes(textIn(metadata, "namespace")))
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  const holder = { resource: namespaces, namespace: "", name: namespace };
  if (store.get(holder) === undefined) throw notFound(holder);
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions */
function checkPreconditions({ key }: Call, { metadata }: KubernetesObject, expected: JsonObject): void {
  const uid = textIn(expected, "uid");
  if (!["", metadata.uid].includes(uid))
    throw conflict(
      key,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    );
  if (!["", metadata.resourceVersion].includes(textIn(expected, "resourceVersion")))
    throw conflict(
      key,
      "the object has been modified; please apply your changes to the latest version and try again",
    );
}

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#clusterrolebinding-example */
function checkRoleRef({ key }: Call, current: KubernetesObject, object: KubernetesObject): void {
  if (isDeepStrictEqual(current["roleRef"], object["roleRef"])) return;
  const { apiGroup: APIGroup, kind: Kind, name: Name } = objectIn(object, "roleRef");
  const cause = invalidValue("roleRef", { APIGroup, Kind, Name }, "cannot change roleRef");
  throw invalid(key.resource, key.name, [cause]);
}

/** https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable */
function checkImmutable({ key }: Call, current: KubernetesObject, object: KubernetesObject): void {
  if (current["immutable"] !== true) return;
  const fields = ["immutable", "data", "binaryData"];
  const changed = fields.filter((field) => !isDeepStrictEqual(current[field], object[field]));
  const message = "Forbidden: field is immutable when `immutable` is set";
  const causes = changed.map((field) => ({ reason: "FieldValueForbidden", message, field }));
  if (causes.length > 0) throw invalid(key.resource, key.name, causes);
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run */
const isDryRun = ({ query }: Call) => query.getAll("dryRun").includes("All");

/** Kubernetes omits vowels and similar characters. */
function generatedName(prefix: string): string {
  const letters = "bcdfghjklmnpqrstvwxz2456789";
  if (prefix === "") return "";
  return prefix + Array.from({ length: 5 }, () => letters.charAt(randomInt(letters.length))).join("");
}

/**
 * A watch. wire.ts supports only complete bodies, so the answer is held back until there is an event, then sent and
 * ended. Clients treat this as a watch that timed out, and continue from the last resource version.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export function watch(call: Call): Answer {
  // The server's answer without the WatchList feature. Clients fall back to a list and a watch.
  if (call.query.has("sendInitialEvents"))
    throw new StatusError(
      "Invalid",
      "ListOptions.meta.k8s.io is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch " +
        "unless the WatchList feature gate is enabled",
      { group: "meta.k8s.io", kind: "ListOptions" },
    );
  const wanted = selector(call.query);
  const since = Number(call.query.get("resourceVersion") ?? "0");
  if (!Number.isSafeInteger(since) || since < 0) throw badRequest("invalid resource version");
  const now = since === 0 ? initialEvents(call, wanted) : eventsSince(call, wanted, since);
  // An impossible request is refused at once, and only a valid one waits.
  const body = now || laterEvents(call, wanted, since || call.store.version, deadline(call));
  return { status: 200, contentType: "application/json", body, why: "" };
}

function initialEvents(call: Call, wanted: Selector): string {
  const objects = call.store.list(call.key).filter(wanted);
  return objects.map((object) => line({ type: "ADDED", object: rendered(call, object) })).join("");
}

/** Empty if there are none before the deadline. */
async function laterEvents(
  call: Call,
  wanted: Selector,
  since: number,
  over: Promise<true>,
): Promise<string> {
  if ((await Promise.race([call.store.nextChange(), over])) === true) return "";
  const events = eventsSince(call, wanted, since);
  // The events up to here were checked, and the store can drop them during the wait.
  return events || laterEvents(call, wanted, call.store.version, over);
}

/** The default of the real server's --min-request-timeout is half an hour; the client can request less. */
function deadline({ query }: Call): Promise<true> {
  const seconds = Math.min(Number(query.get("timeoutSeconds") ?? "") || 1800, 86_400);
  // Not referenced, so that an open watch does not keep the process running.
  return delay(seconds * 1000, true, { ref: false });
}

function eventsSince(call: Call, wanted: Selector, since: number): string {
  const changes = call.store.changesSince(since);
  if (changes === undefined)
    throw new StatusError("Expired", `too old resource version: ${since} (${call.store.version})`);
  return changes
    .filter((change) => isIn(change, call.key))
    .map((change) => eventOf(call, wanted, change))
    .join("");
}

/** A change that makes the object match the selection is ADDED. A change that ends the match is DELETED. */
function eventOf(call: Call, wanted: Selector, { type, object, previous }: Change): string {
  const is = type !== "DELETED" && wanted(object);
  const was = previous !== undefined && wanted(previous);
  if (!is && !was) return "";
  return line({ type: is ? (was ? "MODIFIED" : "ADDED") : "DELETED", object: rendered(call, object) });
}

const line = (event: object) => `${JSON.stringify(event)}\n`;

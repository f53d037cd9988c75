import { randomInt, randomUUID } from "node:crypto";
import { type Answer, type Call, jsonAnswer, listAnswer, objectAnswer } from "../exchange/answer.ts";
import { decode, decodedBody } from "../exchange/request-body.ts";
import { type KubernetesObject, newObject, timestamp, updatedObject } from "./object.ts";
import { type JsonObject, objectIn, sameJson, textIn, textsIn } from "../../../json-value.ts";
import { patched } from "./patch.ts";
import { selector } from "./selectors.ts";
import {
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  invalid,
  notFound,
  tooLarge,
} from "../exchange/status.ts";
import { validate } from "./validation.ts";

/**
 * The verbs of a stored resource.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/
 */

export const get = (call: Call): Answer => objectAnswer(call, existing(call));

export function list(call: Call): Answer {
  const wanted = selector(call.query);
  const asked = Number(call.query.get("resourceVersion") ?? "0");
  if (asked > call.store.version) throw tooLarge(asked, call.store.version);
  return listAnswer(call, call.store.list(call.key, call.key.namespace).filter(wanted));
}

export function create(call: Call): Answer {
  const body = decoded(call, decodedBody(call.body, call.contentType));
  const metadata = objectIn(body, "metadata");
  checkNamespace(call, metadata);
  const key = {
    ...call.key,
    name: textIn(metadata, "name") || generatedName(textIn(metadata, "generateName")),
  };
  const object = newObject(call.resource, key, body, { uid: randomUUID(), now: call.now });
  validate(call.resource, key.name, object);
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
  const body = decoded(call, content);
  const metadata = objectIn(body, "metadata");
  const { name } = call.key;
  if (textIn(metadata, "name") !== name)
    throw badRequest(
      `the name of the object (${textIn(metadata, "name")}) does not match the name on the URL (${name})`,
    );
  checkNamespace(call, metadata);
  checkPreconditions(call, current, metadata);
  const object = updatedObject(call.resource, current, body);
  validate(call.resource, name, object);
  checkRoleRef(call, current, object);
  checkImmutable(call, current, object);
  const unchanged = isDryRun(call) || sameJson(current, object);
  return objectAnswer(call, unchanged ? object : call.store.put(call.key, object));
}

/** A namespace is removed at once with all its objects, because there is no controller for finalizers. */
export function remove(call: Call): Answer {
  const object = existing(call);
  const options = call.body.length === 0 ? {} : decodedBody(call.body, call.contentType);
  checkPreconditions(call, object, objectIn(options, "preconditions"));
  const isNamespace = call.resource.kind === "Namespace";
  if (isNamespace && ["default", "kube-system", "kube-public"].includes(call.key.name))
    throw forbidden(call.key, "this namespace may not be deleted");
  if (!isDryRun(call) && !textsIn(options, "dryRun").includes("All")) {
    if (isNamespace) call.store.removeNamespaced(call.key.name);
    call.store.remove(call.key);
  }
  return isNamespace ? objectAnswer(call, terminating(call, object)) : deleted(call, object);
}

const terminating = ({ now }: Call, object: KubernetesObject): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, deletionTimestamp: timestamp(now) },
  status: { phase: "Terminating" },
});

function deleted({ key }: Call, { metadata }: KubernetesObject): Answer {
  const group = key.group === "" ? {} : { group: key.group };
  const details = { name: key.name, ...group, kind: key.resource, uid: metadata.uid };
  return jsonAnswer(200, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details });
}

function existing({ store, key }: Call): KubernetesObject {
  const object = store.get(key);
  if (object === undefined) throw notFound(key);
  return object;
}

const decoded = ({ resource, query }: Call, body: JsonObject) =>
  decode(body, resource, query.get("fieldValidation") ?? "");

function checkNamespace({ resource, key, store }: Call, metadata: JsonObject): void {
  if (!resource.namespaced) return;
  const { namespace } = key;
  if (!["", namespace].includes(textIn(metadata, "namespace")))
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  const holder = { group: "", resource: "namespaces", namespace: "", name: namespace };
  if (store.get(holder) === undefined) throw notFound(holder);
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions */
function checkPreconditions({ key }: Call, { metadata }: KubernetesObject, given: JsonObject): void {
  if (!["", metadata.uid].includes(textIn(given, "uid")))
    throw conflict(
      key,
      `Precondition failed: UID in precondition: ${textIn(given, "uid")}, UID in object meta: ${metadata.uid}`,
    );
  if (!["", metadata.resourceVersion].includes(textIn(given, "resourceVersion")))
    throw conflict(
      key,
      "the object has been modified; please apply your changes to the latest version and try again",
    );
}

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#clusterrolebinding-example */
function checkRoleRef({ resource, key }: Call, current: KubernetesObject, object: KubernetesObject): void {
  if (sameJson(current["roleRef"], object["roleRef"])) return;
  const { apiGroup: APIGroup, kind: Kind, name: Name } = objectIn(object, "roleRef");
  const message = `Invalid value: ${JSON.stringify({ APIGroup, Kind, Name })}: cannot change roleRef`;
  throw invalid({ group: resource.group, kind: resource.kind, name: key.name }, [
    { reason: "FieldValueInvalid", message, field: "roleRef" },
  ]);
}

/** https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable */
function checkImmutable({ resource, key }: Call, current: KubernetesObject, object: KubernetesObject): void {
  if (resource.kind !== "ConfigMap" || current["immutable"] !== true) return;
  const changed = ["immutable", "data", "binaryData"].filter(
    (field) => !sameJson(current[field], object[field]),
  );
  const message = "Forbidden: field is immutable when `immutable` is set";
  const causes = changed.map((field) => ({ reason: "FieldValueForbidden", message, field }));
  if (causes.length > 0) throw invalid({ group: "", kind: resource.kind, name: key.name }, causes);
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run */
const isDryRun = ({ query }: Call) => query.getAll("dryRun").includes("All");

/** Kubernetes omits vowels and similar characters. */
function generatedName(prefix: string): string {
  const letters = "bcdfghjklmnpqrstvwxz2456789";
  if (prefix === "") return "";
  return prefix + Array.from({ length: 5 }, () => letters.charAt(randomInt(letters.length))).join("");
}

import { randomUUID } from "node:crypto";
import { wholeSeconds } from "../../../../foundation/duration.ts";
import { type Resource, groupVersion, rbacGroup } from "../resources.ts";
import { type JsonObject, isJsonObject, listIn, objectIn, textIn, textMapIn } from "../../../json-value.ts";

/** What the server sets in the metadata of an object. A write keeps it. */
export interface Identity {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
}

/**
 * The common part of stored objects. Of the metadata that a client can send, the sandbox keeps labels and annotations.
 * Finalizers, owner references and managed fields need controllers, which it does not run.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
 */
export interface Metadata extends JsonObject, Identity {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The place of an object. `namespace` is empty for a cluster-scoped resource. */
export interface ObjectKey {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
}

export interface KubernetesObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
}

/** The store sets the resource version. */
export const newIdentity = (now: Date): Identity => ({
  uid: randomUUID(),
  resourceVersion: "",
  creationTimestamp: wholeSeconds(now),
});

export function objectOf(
  { resource, name, namespace }: ObjectKey,
  body: JsonObject,
  { uid, resourceVersion, creationTimestamp }: Identity,
): KubernetesObject {
  const metadata: Metadata = {
    name,
    ...(namespace === "" ? {} : { namespace }),
    uid,
    resourceVersion,
    creationTimestamp,
    ...textsOf(body, "labels"),
    ...textsOf(body, "annotations"),
  };
  const { kind } = resource;
  const object = { ...body, apiVersion: groupVersion(resource.group), kind, metadata };
  if (kind === "Namespace") return namespaceDefaults(object);
  return kind.endsWith("Binding") ? bindingDefaults(object) : object;
}

function textsOf(body: JsonObject, field: "labels" | "annotations"): JsonObject {
  const texts = textMapIn(objectIn(body, "metadata"), field);
  return Object.keys(texts).length === 0 ? {} : { [field]: texts };
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name */
function namespaceDefaults(object: KubernetesObject): KubernetesObject {
  const { metadata } = object;
  const labels = { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name };
  return {
    ...object,
    metadata: { ...metadata, labels },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  };
}

function bindingDefaults(object: KubernetesObject): KubernetesObject {
  const roleRef = objectIn(object, "roleRef");
  const apiGroup = textIn(roleRef, "apiGroup") || rbacGroup;
  const subjects = listIn(object, "subjects").filter(isJsonObject).map(subjectDefaults);
  return { ...object, roleRef: { ...roleRef, apiGroup }, ...(subjects.length === 0 ? {} : { subjects }) };
}

function subjectDefaults(subject: JsonObject): JsonObject {
  const named = ["User", "Group"].includes(textIn(subject, "kind"));
  return named && textIn(subject, "apiGroup") === "" ? { ...subject, apiGroup: rbacGroup } : subject;
}

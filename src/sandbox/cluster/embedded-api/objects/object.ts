import { type Resource, groupVersion } from "../resources.ts";
import { type JsonObject, isJsonObject, listIn, objectIn, textIn, textMapIn } from "../../../json-value.ts";

/**
 * The common part of stored objects. Of the metadata that a client can send, the sandbox keeps labels and annotations.
 * Finalizers, owner references and managed fields need controllers, which it does not run.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
 */
export interface Metadata extends JsonObject {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The place of an object. `namespace` is empty for a cluster-scoped resource. */
export interface ObjectKey {
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

export type ResourceKey = Pick<ObjectKey, "group" | "resource">;

export interface KubernetesObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
}

/** Kubernetes writes times in UTC with whole seconds. */
export function timestamp(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** The values that the server sets: the identity of an object, and the defaults of its kind. */

const rbacGroup = "rbac.authorization.k8s.io";

export interface Birth {
  readonly uid: string;
  readonly now: Date;
}

export function newObject(
  resource: Resource,
  key: ObjectKey,
  body: JsonObject,
  birth: Birth,
): KubernetesObject {
  return complete(resource, body, {
    name: key.name,
    ...(key.namespace === "" ? {} : { namespace: key.namespace }),
    uid: birth.uid,
    // The store sets it.
    resourceVersion: "",
    creationTimestamp: timestamp(birth.now),
    ...clientMetadata(body),
  });
}

/** A written object keeps the identity of the old one, whatever the body contains. */
export function updatedObject(resource: Resource, old: KubernetesObject, body: JsonObject): KubernetesObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = old.metadata;
  return complete(resource, body, {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid,
    resourceVersion,
    creationTimestamp,
    ...clientMetadata(body),
  });
}

function clientMetadata(body: JsonObject) {
  const metadata = objectIn(body, "metadata");
  const labels = textMapIn(metadata, "labels");
  const annotations = textMapIn(metadata, "annotations");
  return {
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

function complete(resource: Resource, body: JsonObject, metadata: Metadata): KubernetesObject {
  const { kind } = resource;
  const object = { ...body, apiVersion: groupVersion(resource), kind, metadata };
  switch (kind) {
    case "Namespace":
      return namespaceDefaults(object);
    case "RoleBinding":
    case "ClusterRoleBinding":
      return bindingDefaults(object);
    default:
      return object;
  }
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name */
function namespaceDefaults(object: KubernetesObject): KubernetesObject {
  const { name, labels } = object.metadata;
  return {
    ...object,
    metadata: { ...object.metadata, labels: { ...labels, "kubernetes.io/metadata.name": name } },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  };
}

function bindingDefaults(object: KubernetesObject): KubernetesObject {
  const roleRef = objectIn(object, "roleRef");
  const subjects = listIn(object, "subjects").filter(isJsonObject).map(subjectDefaults);
  const apiGroup = textIn(roleRef, "apiGroup") === "" ? rbacGroup : textIn(roleRef, "apiGroup");
  return { ...object, roleRef: { ...roleRef, apiGroup }, ...(subjects.length === 0 ? {} : { subjects }) };
}

function subjectDefaults(subject: JsonObject): JsonObject {
  const named = textIn(subject, "kind") === "User" || textIn(subject, "kind") === "Group";
  return named && textIn(subject, "apiGroup") === "" ? { ...subject, apiGroup: rbacGroup } : subject;
}

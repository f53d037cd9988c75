import { isJsonObject, listIn, objectIn, textIn, textMapIn, type JsonObject } from "../exchange/json.ts";
import { timestamp, type KubernetesObject, type Metadata } from "./object.ts";
import { groupVersion, type Resource } from "../resources.ts";
import type { ObjectKey } from "./store.ts";

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

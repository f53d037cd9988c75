import { humanDuration } from "./human-duration.ts";
import { objectIn, textIn, type JsonObject } from "../exchange/json.ts";
import type { KubernetesObject } from "./object.ts";
import { bindingOf } from "../access/policy.ts";
import type { Subject } from "../access/rbac.ts";

/**
 * Tables, which `kubectl get` prints. The server chooses the columns.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */

interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "date";
  readonly description: string;
  /** Above 0: printed only with `-o wide`. */
  readonly priority: number;
  readonly cell: (object: KubernetesObject, now: Date) => string | number;
}

const name: Column = {
  name: "Name",
  type: "string",
  description: "Name of the object, unique in its namespace",
  priority: 0,
  cell: ({ metadata }) => metadata.name,
};

const age: Column = {
  name: "Age",
  type: "string",
  description: "Time since the object was created",
  priority: 0,
  cell: ({ metadata }, now) => humanDuration(now.getTime() - Date.parse(metadata.creationTimestamp)),
};

const createdAt: Column = {
  name: "Created At",
  type: "date",
  description: "When the object was created",
  priority: 0,
  cell: ({ metadata }) => metadata.creationTimestamp,
};

const status: Column = {
  name: "Status",
  type: "string",
  description: "Phase of the namespace",
  priority: 0,
  cell: (object) => textIn(objectIn(object, "status"), "phase"),
};

const data: Column = {
  name: "Data",
  type: "string",
  description: "Number of keys",
  priority: 0,
  cell: (object) =>
    Object.keys(objectIn(object, "data")).length + Object.keys(objectIn(object, "binaryData")).length,
};

const role: Column = {
  name: "Role",
  type: "string",
  description: "The role that is granted",
  priority: 0,
  cell: (object) => {
    const { roleRef } = bindingOf(object);
    return `${roleRef.kind}/${roleRef.name}`;
  },
};

const subjects = (title: string, kind: string, show: (subject: Subject) => string): Column => ({
  name: title,
  type: "string",
  description: `Subjects of kind ${kind}`,
  priority: 1,
  cell: (object) =>
    bindingOf(object)
      .subjects.filter((subject) => subject.kind === kind)
      .map(show)
      .join(", "),
});

const binding = [
  name,
  role,
  age,
  subjects("Users", "User", (subject) => subject.name),
  subjects("Groups", "Group", (subject) => subject.name),
  subjects("ServiceAccounts", "ServiceAccount", (subject) => `${subject.namespace}/${subject.name}`),
];

const columns: Readonly<Record<string, readonly Column[]>> = {
  Namespace: [name, status, age],
  ConfigMap: [name, data, age],
  Role: [name, createdAt],
  ClusterRole: [name, createdAt],
  RoleBinding: binding,
  ClusterRoleBinding: binding,
};

export interface TableOptions {
  /** `meta.k8s.io/v1` or `meta.k8s.io/v1beta1`. */
  readonly apiVersion: string;
  /** `None`, `Metadata` or `Object`: the part of each object in its row. */
  readonly includeObject: string;
  readonly now: Date;
}

export function table(
  kind: string,
  objects: readonly KubernetesObject[],
  metadata: JsonObject,
  options: TableOptions,
): JsonObject {
  const shown = columns[kind] ?? [name, createdAt];
  return {
    kind: "Table",
    apiVersion: options.apiVersion,
    metadata,
    columnDefinitions: shown.map((column) => ({
      name: column.name,
      type: column.type,
      format: column.name === "Name" ? "name" : "",
      description: column.description,
      priority: column.priority,
    })),
    rows: objects.map((object) => ({
      cells: shown.map(({ cell }) => cell(object, options.now)),
      ...rowObject(object, options),
    })),
  };
}

function rowObject(object: KubernetesObject, { includeObject, apiVersion }: TableOptions): JsonObject {
  if (includeObject === "None") return {};
  return { object: includeObject === "Object" ? object : partialMetadata(object, apiVersion) };
}

export const partialMetadata = ({ metadata }: KubernetesObject, apiVersion: string): KubernetesObject => ({
  kind: "PartialObjectMetadata",
  apiVersion,
  metadata,
});

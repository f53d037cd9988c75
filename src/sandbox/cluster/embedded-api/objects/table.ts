/**
 * Tables, which `kubectl get` prints. The server chooses the columns.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
import { bindingOf } from "../access/policy.ts";
import type { Subject } from "../access/rbac.ts";
import type { KubernetesObject } from "./object.ts";
import { type JsonObject, objectIn, textIn } from "../../../json-value.ts";

interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "date";
  readonly description: string;
  /** Above 0: printed only with `-o wide`. */
  readonly priority: number;
  readonly cell: (object: KubernetesObject, now: Date) => string | number;
}

type Cell = Column["cell"];

const column = (name: string, description: string, cell: Cell): Column => ({
  name,
  type: "string",
  description,
  priority: 0,
  cell,
});

const name = column("Name", "Name of the object, unique in its namespace", ({ metadata }) => metadata.name);
const age = column("Age", "Time since the object was created", ({ metadata }, now) =>
  humanDuration(now.getTime() - Date.parse(metadata.creationTimestamp)),
);
const createdAt: Column = {
  ...column("Created At", "When the object was created", ({ metadata }) => metadata.creationTimestamp),
  type: "date",
};
const status = column("Status", "Phase of the namespace", (object) =>
  textIn(objectIn(object, "status"), "phase"),
);
const data = column(
  "Data",
  "Number of keys",
  (object) =>
    Object.keys(objectIn(object, "data")).length + Object.keys(objectIn(object, "binaryData")).length,
);
const role = column("Role", "The role that is granted", (object) => {
  const { roleRef } = bindingOf(object);
  return `${roleRef.kind}/${roleRef.name}`;
});

const subjects = (title: string, kind: string, show: (subject: Subject) => string): Column => {
  const cell: Cell = (object) => {
    const ofKind = bindingOf(object).subjects.filter((subject) => subject.kind === kind);
    return ofKind.map(show).join(", ");
  };
  return { ...column(title, `Subjects of kind ${kind}`, cell), priority: 1 };
};

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
    columnDefinitions: shown.map(({ name: title, type, description, priority }) => ({
      name: title,
      type,
      format: title === "Name" ? "name" : "",
      description,
      priority,
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

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

const steps = [
  { below: 2 * minute, unit: second, sign: "s" },
  { below: 10 * minute, unit: minute, sign: "m", rest: { unit: second, sign: "s" } },
  { below: 3 * hour, unit: minute, sign: "m" },
  { below: 8 * hour, unit: hour, sign: "h", rest: { unit: minute, sign: "m" } },
  { below: 2 * day, unit: hour, sign: "h" },
  { below: 8 * day, unit: day, sign: "d", rest: { unit: hour, sign: "h" } },
  { below: 2 * year, unit: day, sign: "d" },
  { below: 8 * year, unit: year, sign: "y", rest: { unit: day, sign: "d" } },
  { below: Infinity, unit: year, sign: "y" },
];

/** An age as kubectl prints it, with two or three significant figures: `118s`, `9m30s`, `47h`, `7d3h`. */
export function humanDuration(milliseconds: number): string {
  // Clocks can differ slightly.
  if (milliseconds < 0) return milliseconds > -2 * second ? "0s" : "<invalid>";
  const step = steps.find(({ below }) => milliseconds < below);
  if (step === undefined) return "<unknown>";
  const whole = `${Math.floor(milliseconds / step.unit)}${step.sign}`;
  if (step.rest === undefined) return whole;
  const rest = Math.floor((milliseconds % step.unit) / step.rest.unit);
  return rest === 0 ? whole : `${whole}${rest}${step.rest.sign}`;
}

/**
 * Tables, which `kubectl get` prints. The server chooses the columns.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
import { bindingOf } from "../access/rbac.ts";
import { type JsonObject, objectIn, textIn } from "../../../json-value.ts";
import type { KubernetesObject } from "./object.ts";

type Column = ReturnType<typeof column>;

/** A priority above 0: printed only with `-o wide`. */
const column = (
  name: string,
  description: string,
  cell: (object: KubernetesObject, now: Date) => string | number,
  { type = "string", priority = 0 } = {},
) => ({ name, type, format: name === "Name" ? "name" : "", description, priority, cell });

const name = column("Name", "Name of the object, unique in its namespace", ({ metadata }) => metadata.name);
const age = column("Age", "Time since the object was created", ({ metadata }, now) =>
  humanDuration(now.getTime() - Date.parse(metadata.creationTimestamp)),
);
const createdAt = column(
  "Created At",
  "When the object was created",
  ({ metadata }) => metadata.creationTimestamp,
  { type: "date" },
);
const status = column("Status", "Phase of the namespace", (object) =>
  textIn(objectIn(object, "status"), "phase"),
);
const data = column("Data", "Number of keys", (object) =>
  ["data", "binaryData"].reduce((sum, field) => sum + Object.keys(objectIn(object, field)).length, 0),
);
const role = column("Role", "The role that is granted", (object) => {
  const { kind, name: roleName } = bindingOf(object).roleRef;
  return `${kind}/${roleName}`;
});

const subjects = (kind: string) =>
  column(
    `${kind}s`,
    `Subjects of kind ${kind}`,
    (object) => {
      const ofKind = bindingOf(object).subjects.filter((subject) => subject.kind === kind);
      const isNamespaced = kind === "ServiceAccount";
      return ofKind
        .map(({ namespace, name: own }) => (isNamespaced ? `${namespace}/${own}` : own))
        .join(", ");
    },
    { priority: 1 },
  );

const binding = [name, role, age, subjects("User"), subjects("Group"), subjects("ServiceAccount")];

const columns: Readonly<Record<string, readonly Column[]>> = {
  Namespace: [name, status, age],
  ConfigMap: [name, data, age],
  RoleBinding: binding,
  ClusterRoleBinding: binding,
};

/** `included` is the part of each object that its row carries. */
export function table(
  kind: string,
  objects: readonly KubernetesObject[],
  now: Date,
  included: (object: KubernetesObject) => JsonObject | undefined,
): JsonObject {
  const shown = columns[kind] ?? [name, createdAt];
  return {
    columnDefinitions: shown.map((shownColumn) => ({ ...shownColumn, cell: undefined })),
    rows: objects.map((object) => ({
      cells: shown.map(({ cell }) => cell(object, now)),
      object: included(object),
    })),
  };
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** Up to a limit, an age has this unit; some also have the rest in the unit below it. */
const steps = [
  { below: 2 * minute, unit: second, sign: "s" },
  { below: 10 * minute, unit: minute, sign: "m", rest: { unit: second, sign: "s" } },
  { below: 3 * hour, unit: minute, sign: "m" },
  { below: 8 * hour, unit: hour, sign: "h", rest: { unit: minute, sign: "m" } },
  { below: 2 * day, unit: hour, sign: "h" },
  { below: 8 * day, unit: day, sign: "d", rest: { unit: hour, sign: "h" } },
  { below: 2 * year, unit: day, sign: "d" },
  { below: 8 * year, unit: year, sign: "y", rest: { unit: day, sign: "d" } },
];

/** An age as kubectl prints it, with two or three significant figures: `118s`, `9m30s`, `47h`, `7d3h`. */
export function humanDuration(milliseconds: number): string {
  // Clocks can differ slightly.
  if (milliseconds < 0) return milliseconds > -2 * second ? "0s" : "<invalid>";
  const { unit, sign, rest } = steps.find(({ below }) => milliseconds < below) ?? { unit: year, sign: "y" };
  const whole = `${Math.floor(milliseconds / unit)}${sign}`;
  const left = rest ? Math.floor((milliseconds % unit) / rest.unit) : 0;
  return rest && left > 0 ? `${whole}${left}${rest.sign}` : whole;
}

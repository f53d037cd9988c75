/**
 * The fields of each kind that a client can send, with their numbers in protobuf. Decoding (decoding.ts, protobuf.ts)
 * and OpenAPI (openapi.ts) read this list.
 * https://kubernetes.io/docs/reference/kubernetes-api/
 */

export interface Struct {
  readonly type: "struct";
  /** The server's own name of the type, which its messages contain. */
  readonly name: string;
  readonly fields: Readonly<Record<string, Field>>;
}

export interface Field {
  /** The number in the generated.proto beside the type in k8s.io/api; 0 if protobuf carries the field elsewhere. */
  readonly number: number;
  readonly schema: Schema;
}

export type Schema =
  | Struct
  /** `bytes` is base64 in JSON; `any` is kept unchanged in JSON and skipped in protobuf. */
  | { readonly type: "string" | "bytes" | "boolean" | "any" }
  | { readonly type: "list" | "map"; readonly of: Schema };

const text: Schema = { type: "string" };
const any: Schema = { type: "any" };
const texts: Schema = { type: "list", of: text };
const textMap: Schema = { type: "map", of: text };
const listOf = (of: Schema): Schema => ({ type: "list", of });

const struct = (name: string, fields: Readonly<Record<string, readonly [number, Schema]>>): Struct => ({
  type: "struct",
  name,
  fields: Object.fromEntries(
    Object.entries(fields).map(([field, [number, schema]]) => [field, { number, schema }]),
  ),
});

/** Fields of one schema, with the numbers from 1 in the order of their names. */
const numbered = (names: string, schema: Schema): Record<string, readonly [number, Schema]> =>
  Object.fromEntries(names.split(" ").map((name, index) => [name, [index + 1, schema]]));

const objectMeta = struct("ObjectMeta", {
  ...numbered("name generateName namespace selfLink uid resourceVersion", text),
  generation: [7, any],
  creationTimestamp: [8, any],
  deletionTimestamp: [9, any],
  deletionGracePeriodSeconds: [10, any],
  labels: [11, textMap],
  annotations: [12, textMap],
  ownerReferences: [13, any],
  finalizers: [14, texts],
  managedFields: [17, any],
});

const kindOf = (name: string, fields: Readonly<Record<string, readonly [number, Schema]>>): Struct =>
  struct(name, { apiVersion: [0, text], kind: [0, text], metadata: [1, objectMeta], ...fields });

const policyRule = struct(
  "PolicyRule",
  numbered("verbs apiGroups resources resourceNames nonResourceURLs", texts),
);
const requirement = struct("LabelSelectorRequirement", {
  ...numbered("key operator", text),
  values: [3, texts],
});
const labelSelector = struct("LabelSelector", {
  matchLabels: [1, textMap],
  matchExpressions: [2, listOf(requirement)],
});
const aggregationRule = struct("AggregationRule", { clusterRoleSelectors: [1, listOf(labelSelector)] });
const subject = struct("Subject", numbered("kind apiGroup name namespace", text));
const roleRef = struct("RoleRef", numbered("apiGroup kind name", text));

const resourceAttributes = struct("ResourceAttributes", {
  ...numbered("namespace verb group version resource subresource name", text),
  fieldSelector: [8, any],
  labelSelector: [9, any],
});
const nonResourceAttributes = struct("NonResourceAttributes", numbered("path verb", text));

const kinds = [
  kindOf("Namespace", {
    spec: [2, struct("NamespaceSpec", { finalizers: [1, texts] })],
    status: [3, struct("NamespaceStatus", { phase: [1, text], conditions: [2, any] })],
  }),
  kindOf("ConfigMap", {
    data: [2, textMap],
    binaryData: [3, { type: "map", of: { type: "bytes" } }],
    immutable: [4, { type: "boolean" }],
  }),
  kindOf("Role", { rules: [2, listOf(policyRule)] }),
  kindOf("ClusterRole", { rules: [2, listOf(policyRule)], aggregationRule: [3, aggregationRule] }),
  kindOf("RoleBinding", { subjects: [2, listOf(subject)], roleRef: [3, roleRef] }),
  kindOf("ClusterRoleBinding", { subjects: [2, listOf(subject)], roleRef: [3, roleRef] }),
  kindOf("SelfSubjectReview", { status: [2, any] }),
  kindOf("SelfSubjectAccessReview", {
    spec: [
      2,
      struct("SelfSubjectAccessReviewSpec", {
        resourceAttributes: [1, resourceAttributes],
        nonResourceAttributes: [2, nonResourceAttributes],
      }),
    ],
    status: [3, any],
  }),
  kindOf("SelfSubjectRulesReview", {
    spec: [2, struct("SelfSubjectRulesReviewSpec", { namespace: [1, text] })],
    status: [3, any],
  }),
  struct("DeleteOptions", {
    apiVersion: [0, text],
    kind: [0, text],
    preconditions: [2, struct("Preconditions", numbered("uid resourceVersion", text))],
    dryRun: [5, texts],
  }),
];

export const schemas: ReadonlyMap<string, Struct> = new Map(kinds.map((kind) => [kind.name, kind]));

/** The frame around every protobuf message of Kubernetes: `Unknown` in k8s.io/apimachinery/pkg/runtime. */
export const envelope = struct("Unknown", {
  typeMeta: [1, struct("TypeMeta", numbered("apiVersion kind", text))],
  raw: [2, { type: "bytes" }],
});

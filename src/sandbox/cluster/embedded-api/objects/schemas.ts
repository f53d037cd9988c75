/**
 * The fields that a client can send, with their types in Go's notation, which the server's messages contain, and their
 * numbers in the generated.proto beside the type in k8s.io/api. Decoding and OpenAPI read them.
 * https://kubernetes.io/docs/reference/kubernetes-api/
 */
import data from "./schemas.json" with { type: "json" };

interface Field {
  readonly number: number;
  /** `interface {}` is kept unchanged in JSON and skipped in protobuf. */
  readonly type: string;
}

export type Fields = Readonly<Record<string, Field>>;

/** Protobuf carries the first two in the frame around the message. */
const ofEveryKind: Fields = {
  apiVersion: { number: 0, type: "string" },
  kind: { number: 0, type: "string" },
  metadata: { number: 1, type: "v1.ObjectMeta" },
};

const kinds = Object.entries<Fields>(data.kinds);
const structs: ReadonlyMap<string, Fields> = new Map([
  ...kinds.map(([kind, fields]): [string, Fields] => [kind, { ...ofEveryKind, ...fields }]),
  ...Object.entries<Fields>(data.types),
]);

/** Of a struct, with its package or without: `v1.PolicyRule`, `ConfigMap`. */
export const fieldsOf = (type: string) => structs.get(type.replace("v1.", ""));

/** The container that a type is, and the type of its items. Bytes are no list: JSON has them in base64. */
export function containerOf(type: string): { container?: "list" | "map"; of: string } {
  if (type.startsWith("map[string]")) return { container: "map", of: type.slice("map[string]".length) };
  if (type.startsWith("[]") && type !== "[]uint8") return { container: "list", of: type.slice("[]".length) };
  return { of: type };
}

import type { JsonObject } from "../exchange/json.ts";

/**
 * What every stored object has. Of the metadata a client may send, the sandbox keeps labels and annotations;
 * finalizers, owner references and managed fields need controllers that it does not run.
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

export interface KubernetesObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
}

/** Kubernetes writes times in UTC, to the second. */
export function timestamp(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, "Z");
}

import type { JsonObject } from "../../../json-value.ts";
import type { Form } from "./negotiation.ts";
import type { KubernetesObject, ObjectKey } from "../objects/object.ts";
import type { Store } from "../objects/store.ts";
import { table } from "../objects/table.ts";
import { groupVersion } from "../resources.ts";

/** A response before it is sent. The body of a watch follows after its verdict. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Promise<string>;
  /** The reason of a refusal; empty otherwise. */
  readonly why: string;
}

export const jsonAnswer = (status: number, body: JsonObject, why = ""): Answer => ({
  status,
  contentType: "application/json",
  body: `${JSON.stringify(body)}\n`,
  why,
});

export const textAnswer = (status: number, body: string): Answer => ({
  status,
  contentType: "text/plain; charset=utf-8",
  body,
  why: status < 400 ? "" : body,
});

export const noSuchPath = () => textAnswer(404, "404 page not found\n");

/** A request for a stored resource, and the requested form of the answer. */
export interface Call {
  readonly key: ObjectKey;
  readonly query: URLSearchParams;
  readonly form: Form;
  readonly contentType: string;
  readonly body: Buffer;
  readonly store: Store;
  readonly now: Date;
}

export const objectAnswer = (call: Call, object: KubernetesObject, status = 200): Answer =>
  jsonAnswer(status, rendered(call, object));

export function listAnswer(call: Call, objects: readonly KubernetesObject[]): Answer {
  const metadata = { resourceVersion: String(call.store.version) };
  const { kind, group } = call.key.resource;
  const { as, apiVersion } = call.form;
  if (as === "table") return jsonAnswer(200, tableOf(call, objects, metadata));
  if (as === "metadata") {
    const items = objects.map((object) => partialMetadata(object, apiVersion));
    return jsonAnswer(200, { kind: "PartialObjectMetadataList", apiVersion, metadata, items });
  }
  // The kind of a list contains the kind of its items.
  const items = objects.map((object) => ({ ...object, kind: undefined, apiVersion: undefined }));
  return jsonAnswer(200, { kind: `${kind}List`, apiVersion: groupVersion(group), metadata, items });
}

/** One object in the requested form: alone, or inside a watch event. */
export function rendered(call: Call, object: KubernetesObject): JsonObject {
  const { as, apiVersion } = call.form;
  if (as === "object") return object;
  if (as === "metadata") return partialMetadata(object, apiVersion);
  return tableOf(call, [object], { resourceVersion: object.metadata.resourceVersion });
}

const partialMetadata = ({ metadata }: KubernetesObject, apiVersion: string) => ({
  kind: "PartialObjectMetadata",
  apiVersion,
  metadata,
});

function tableOf(
  { key, query, form: { apiVersion }, now }: Call,
  objects: readonly KubernetesObject[],
  metadata: JsonObject,
): JsonObject {
  const included = query.get("includeObject") ?? "Metadata";
  const rows = table(key.resource.kind, objects, now, (object) => {
    if (included === "None") return undefined;
    return included === "Object" ? object : partialMetadata(object, apiVersion);
  });
  return { kind: "Table", apiVersion, metadata, ...rows };
}

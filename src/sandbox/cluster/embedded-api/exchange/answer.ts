import type { JsonObject } from "../../../json-value.ts";
import type { Form } from "./negotiation.ts";
import type { Status } from "./status.ts";
import type { KubernetesObject, ObjectKey } from "../objects/object.ts";
import type { Store } from "../objects/store.ts";
import { partialMetadata, table } from "../objects/table.ts";
import { type Resource, groupVersion } from "../resources.ts";

/** A response before it is sent. The body of a watch follows after its verdict. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Promise<string>;
  /** The reason of a refusal; empty otherwise. */
  readonly why: string;
}

const json = "application/json";

export const jsonAnswer = (status: number, body: JsonObject | Status): Answer => ({
  status,
  contentType: json,
  body: `${JSON.stringify(body)}\n`,
  why: "",
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
  readonly resource: Resource;
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
  const { kind } = call.resource;
  switch (call.form.as) {
    case "object":
      return jsonAnswer(200, {
        kind: `${kind}List`,
        apiVersion: groupVersion(call.resource),
        metadata,
        items: objects.map(withoutType),
      });
    case "metadata": {
      const { apiVersion } = call.form;
      const items = objects.map((object) => partialMetadata(object, apiVersion));
      return jsonAnswer(200, { kind: "PartialObjectMetadataList", apiVersion, metadata, items });
    }
    case "table":
      return jsonAnswer(200, tableOf(call, call.form.apiVersion, objects, metadata));
  }
}

/** The kind of a list contains the kind of its items. */
const withoutType = (object: KubernetesObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([field]) => field !== "kind" && field !== "apiVersion"));

/** One object in the requested form: alone, or inside a watch event. */
export function rendered(call: Call, object: KubernetesObject): JsonObject {
  switch (call.form.as) {
    case "object":
      return object;
    case "metadata":
      return partialMetadata(object, call.form.apiVersion);
    case "table": {
      const { resourceVersion } = object.metadata;
      return tableOf(call, call.form.apiVersion, [object], { resourceVersion });
    }
  }
}

function tableOf(
  { resource, query, now }: Call,
  apiVersion: string,
  objects: readonly KubernetesObject[],
  metadata: JsonObject,
): JsonObject {
  const includeObject = query.get("includeObject") ?? "Metadata";
  return table(resource.kind, objects, metadata, { apiVersion, includeObject, now });
}

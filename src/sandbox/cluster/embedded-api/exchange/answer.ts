import type { JsonObject } from "../../../json-value.ts";
import type { KubernetesObject, ObjectKey } from "../objects/object.ts";
import type { Store } from "../objects/store.ts";
import { table } from "../objects/table.ts";
import { groupVersion } from "../resources.ts";
import { notAcceptable } from "./status.ts";

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

/**
 * Negotiates the form of the answer. Only JSON is served: a client that prefers protobuf but accepts JSON gets JSON.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
 */

/** A missing header accepts everything. Quality values are ignored, because Kubernetes clients order by preference. */
export function acceptedRanges(accept = "*/*") {
  const ranges = accept.split(",").filter((range) => range.trim() !== "");
  return ranges.map((range) => {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    const pairs = parameters.map((text): [string, string] => {
      const [name = "", ...value] = text.split("=");
      return [name.trim().toLowerCase(), value.join("=").trim()];
    });
    return { type: type.toLowerCase(), parameters: new Map(pairs) };
  });
}

/** The ranges that JSON is in; 406 if there is none. */
export function jsonRanges(accept: string | undefined) {
  const ranges = acceptedRanges(accept).filter(
    ({ type, parameters }) =>
      ["application/json", "application/*", "*/*"].includes(type) && parameters.get("q") !== "0",
  );
  if (ranges.length === 0) throw notAcceptable();
  return ranges;
}

export interface Form {
  readonly as: "object" | "table" | "metadata";
  /** Of the table or the metadata: `meta.k8s.io/v1` or `meta.k8s.io/v1beta1`. */
  readonly apiVersion: string;
}

const forms = new Map<string, Form["as"]>([
  ["Table", "table"],
  ["PartialObjectMetadata", "metadata"],
  ["PartialObjectMetadataList", "metadata"],
]);

/** The first form in the client's list that can be served; 406 if there is none. */
export function objectForm(accept: string | undefined): Form {
  for (const { parameters } of jsonRanges(accept)) {
    const [kind, group, version = ""] = ["as", "g", "v"].map((name) => parameters.get(name));
    const apiVersion = `meta.k8s.io/${version}`;
    if (kind === undefined) return { as: "object", apiVersion };
    const as = forms.get(kind);
    if (as !== undefined && group === "meta.k8s.io" && ["v1", "v1beta1"].includes(version))
      return { as, apiVersion };
  }
  throw notAcceptable();
}

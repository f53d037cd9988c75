import { notAcceptable } from "./status.ts";

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

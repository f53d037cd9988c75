import { notAcceptable } from "./status.ts";

/**
 * Negotiates the form of the answer. Only JSON is served: a client that prefers protobuf but accepts JSON gets JSON.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
 */

export interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** A missing header accepts everything. Quality values are ignored, because Kubernetes clients order by preference. */
export function acceptedRanges(accept: string | undefined): readonly MediaRange[] {
  const ranges = (accept ?? "*/*").split(",").filter((range) => range.trim() !== "");
  return ranges.map((range) => {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    const pairs = parameters.map((text): [string, string] => {
      const [name = "", ...value] = text.split("=");
      return [name.trim().toLowerCase(), value.join("=").trim()];
    });
    return { type: type.toLowerCase(), parameters: new Map(pairs) };
  });
}

export const isJson = ({ type, parameters }: MediaRange) =>
  ["application/json", "application/*", "*/*"].includes(type) && parameters.get("q") !== "0";

export type Form =
  | { readonly as: "object" }
  | { readonly as: "table"; readonly apiVersion: string }
  | { readonly as: "metadata"; readonly apiVersion: string };

/** The first form in the client's list that can be served; 406 if there is none. */
export function objectForm(accept: string | undefined): Form {
  for (const range of acceptedRanges(accept).filter(isJson)) {
    const as = range.parameters.get("as");
    if (as === undefined) return { as: "object" };
    const version = range.parameters.get("v") ?? "";
    if (range.parameters.get("g") !== "meta.k8s.io" || !["v1", "v1beta1"].includes(version)) continue;
    const apiVersion = `meta.k8s.io/${version}`;
    if (as === "Table") return { as: "table", apiVersion };
    if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList")
      return { as: "metadata", apiVersion };
  }
  throw notAcceptable();
}

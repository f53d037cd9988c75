/**
 * Derives the requested action from method, path and query, as the API server's RequestInfo does. Authorization uses
 * nothing else. The form /api/v1/watch/…, deprecated since 1.11, is left out.
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
 */

type Texts<Name extends string> = Readonly<Record<Name, string>>;

export type ResourceRequest = { readonly isResourceRequest: true } & Texts<
  "verb" | "apiGroup" | "apiVersion" | "namespace" | "resource" | "subresource" | "name"
>;

export type RequestInfo = ResourceRequest | ({ readonly isResourceRequest: false } & Texts<"verb" | "path">);

const verbs: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  HEAD: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** Except for these, the part after `/namespaces/NAME/` is a resource in the namespace. */
const namespaceSubresources = ["status", "finalize"];

/** `path` is already decoded. */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const parts = path.split("/").filter((part) => part !== "");
  const [prefix, ...rest] = parts;
  const grouped = prefix === "apis";
  if ((prefix !== "api" && !grouped) || rest.length < (grouped ? 3 : 2))
    return { isResourceRequest: false, verb: method.toLowerCase(), path };
  const apiGroup = grouped ? (rest[0] ?? "") : "";
  const [apiVersion = "", ...address] = grouped ? rest.slice(1) : rest;
  const place = placeOf(address);
  return {
    isResourceRequest: true,
    apiGroup,
    apiVersion,
    ...place,
    ...verbOf(verbs[method] ?? "", place.name, query),
  };
}

function placeOf(address: readonly string[]) {
  const named = address[0] === "namespaces" && address.length > 1;
  // A request for a namespace carries that namespace, so that a Role in it can grant the request.
  const namespace = named ? (address[1] ?? "") : "";
  const inside = named && address.length > 2 && !namespaceSubresources.includes(address[2] ?? "");
  const [resource = "", name = "", subresource = ""] = inside ? address.slice(2) : address;
  return { namespace, resource, name, subresource };
}

function verbOf(verb: string, name: string, query: URLSearchParams): { verb: string; name: string } {
  if (name !== "") return { verb, name };
  if (verb === "delete") return { verb: "deletecollection", name };
  if (verb !== "get") return { verb, name };
  return { verb: isTrue(query.get("watch")) ? "watch" : "list", name: nameSelected(query) };
}

/** Every value except absent, `false` and `0` is true, as in Kubernetes' query conversion. */
function isTrue(value: string | null): boolean {
  return value !== null && !["false", "0"].includes(value.toLowerCase());
}

/** A list of one name is authorized as a request for that name. */
function nameSelected(query: URLSearchParams): string {
  const terms = (query.get("fieldSelector") ?? "").split(",");
  const name = terms.map((term) => /^metadata\.name==?([^/%]+)$/.exec(term)?.[1]).find(Boolean) ?? "";
  return name === "." || name === ".." ? "" : name;
}

import type { JsonObject } from "../../json-value.ts";
import {
  type Answer,
  jsonAnswer,
  noSuchPath,
  textAnswer,
  acceptedRanges,
  jsonRanges,
} from "./exchange/answer.ts";
import {
  containerOf,
  fieldsOf,
  type Resource,
  groupVersion,
  groups,
  pathOf,
  rbacGroup,
  resourcesOf,
  version,
} from "./resources.ts";

/** The Kubernetes version whose behaviour the embedded API follows. The suffix marks it as an emulation. */
export const serverVersion = {
  major: "1",
  minor: "34+",
  gitVersion: "v1.34.4-eks-x509-sandbox",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "none",
  platform: "loopback",
};

/** https://kubernetes.io/docs/reference/using-api/health-checks/ */
const health = ["/healthz", "/livez", "/readyz"];
const paths = [...health, "/api", "/api/v1", "/apis", "/openapi/v2", "/openapi/v3", "/version"].sort();

export function pathAnswer(path: string, accept: string | undefined): Answer {
  const trimmed = path.length > 1 ? path.replace(/\/$/, "") : path;
  if (health.includes(trimmed)) return textAnswer(200, "ok");
  if (trimmed === "/version") return jsonAnswer(200, serverVersion);
  if (trimmed === "/") return jsonAnswer(200, { paths });
  if (trimmed === "/openapi/v2") return openApiV2(accept);
  return discovery(trimmed, accept) ?? openApiV3(trimmed) ?? noSuchPath();
}

const info = { title: "eks-x509 sandbox", version: "v1" };

/**
 * An empty document. kubectl 1.27 writes nothing without one and requires protobuf, in which an empty message has no
 * bytes. It finds no schema in it and leaves validation to the server.
 */
function openApiV2(accept: string | undefined): Answer {
  const protobuf = "application/com.github.proto-openapi";
  if (!acceptedRanges(accept).some(({ type }) => type.startsWith(protobuf)))
    return jsonAnswer(200, { swagger: "2.0", info, paths: {} });
  return { ...textAnswer(200, ""), contentType: `${protobuf}.spec.v2.v1.0+protobuf` };
}

/**
 * OpenAPI v3, as far as kubectl reads it before it writes: the kinds of a group version, and `fieldValidation` for
 * PATCH, so that kubectl leaves validation to the server. kubectl caches a document by the hash in its URL, which is
 * constant here because the documents never change.
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
 */
function openApiV3(path: string): Answer | undefined {
  if (path === "/openapi/v3") return jsonAnswer(200, { paths: Object.fromEntries(groups.map(indexEntry)) });
  const group = groups.find((name) => path === `/openapi/v3${pathOf(name)}`);
  if (group === undefined) return undefined;
  const stored = resourcesOf(group).filter(({ verbs }) => verbs.includes("patch"));
  return jsonAnswer(200, {
    openapi: "3.0.0",
    info,
    paths: Object.fromEntries(stored.map(pathItem)),
    components: { schemas: Object.fromEntries(stored.map(component)) },
  });
}

const indexEntry = (group: string): [string, JsonObject] => [
  pathOf(group).slice(1),
  { serverRelativeURL: `/openapi/v3${pathOf(group)}?hash=eks-x509` },
];

const gvk = ({ group, kind }: Resource) => ({ group, version, kind });

function pathItem(resource: Resource): [string, JsonObject] {
  const scope = resource.namespaced ? "namespaces/{namespace}/" : "";
  const query = (name: string) => ({ name, in: "query", schema: { type: "string", uniqueItems: true } });
  return [
    `${pathOf(resource.group)}/${scope}${resource.name}/{name}`,
    {
      patch: {
        parameters: ["dryRun", "fieldManager", "fieldValidation", "force"].map(query),
        responses: { "200": { description: "OK" } },
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": gvk(resource),
      },
    },
  ];
}

const component = (resource: Resource): [string, JsonObject] => [
  `io.k8s.api.${resource.group === rbacGroup ? "rbac" : "core"}.${version}.${resource.kind}`,
  { ...schemaOf(resource.kind), "x-kubernetes-group-version-kind": [gvk(resource)] },
];

const scalars = new Map([
  ["[]uint8", { type: "string", format: "byte" }],
  ["string", { type: "string" }],
  ["bool", { type: "boolean" }],
]);

function schemaOf(type: string): JsonObject {
  const { container, of } = containerOf(type);
  if (container === "list") return { type: "array", items: schemaOf(of) };
  if (container === "map") return { type: "object", additionalProperties: schemaOf(of) };
  const fields = fieldsOf(type);
  if (fields === undefined) return scalars.get(type) ?? {};
  const properties = Object.entries(fields).map(([name, field]) => [name, schemaOf(field.type)]);
  return { type: "object", properties: Object.fromEntries(properties) };
}

/**
 * Discovery in both forms: one document for each group version, and one document for all.
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 */

const namedGroups = groups.filter((group) => group !== "");

const groupFields = (name: string) => {
  const preferredVersion = { groupVersion: groupVersion(name), version };
  return { name, versions: [preferredVersion], preferredVersion };
};

const resourceList = (group: string) => ({
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: groupVersion(group),
  resources: resourcesOf(group).map(({ name, namespaced, kind, verbs, shortNames }) => ({
    name,
    singularName: kind.toLowerCase(),
    namespaced,
    kind,
    verbs,
    shortNames,
  })),
});

const documents: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  ["/api", { kind: "APIVersions", versions: [version] }],
  ["/apis", { kind: "APIGroupList", apiVersion: "v1", groups: namedGroups.map(groupFields) }],
  ...namedGroups.map((group): [string, JsonObject] => [
    `/apis/${group}`,
    { kind: "APIGroup", apiVersion: "v1", ...groupFields(group) },
  ]),
  ...groups.map((group): [string, JsonObject] => [pathOf(group), resourceList(group)]),
]);

export const isDiscovery = (path: string) => documents.has(path);

/** The paths that have the aggregated form too, and the groups in it. */
const aggregated = new Map([
  ["/api", [""]],
  ["/apis", namedGroups],
]);

/** Undefined for a path that does not belong to discovery. kubectl lists the aggregated form first and the old one as a fallback. */
function discovery(path: string, accept: string | undefined): Answer | undefined {
  const document = documents.get(path);
  const listed = aggregated.get(path);
  const versions = jsonRanges(accept)
    .filter(({ parameters }) => parameters.get("as") === "APIGroupDiscoveryList")
    .map(({ parameters }) => parameters.get("v"));
  const asked = versions.find((text) => text === "v2" || text === "v2beta1");
  if (listed === undefined || asked === undefined) return document && jsonAnswer(200, document);
  const items = listed.map(groupDiscovery);
  return {
    ...jsonAnswer(200, {
      kind: "APIGroupDiscoveryList",
      apiVersion: `apidiscovery.k8s.io/${asked}`,
      metadata: {},
      items,
    }),
    contentType: `application/json;g=apidiscovery.k8s.io;v=${asked};as=APIGroupDiscoveryList`,
  };
}

const groupDiscovery = (group: string) => ({
  metadata: { name: group || undefined, creationTimestamp: null },
  versions: [{ version, resources: resourcesOf(group).map(resourceDiscovery), freshness: "Current" }],
});

const resourceDiscovery = ({ name, group, kind, namespaced, verbs, shortNames }: Resource) => ({
  resource: name,
  responseKind: { group, version, kind },
  scope: namespaced ? "Namespaced" : "Cluster",
  singularResource: kind.toLowerCase(),
  verbs,
  shortNames,
});

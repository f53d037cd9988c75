import type { JsonObject } from "../../json-value.ts";
import { discovery } from "./discovery.ts";
import { type Answer, jsonAnswer, noSuchPath, textAnswer } from "./exchange/answer.ts";
import { acceptedRanges } from "./exchange/negotiation.ts";
import { containerOf, fieldsOf } from "./objects/schemas.ts";
import { type Resource, groups, pathOf, rbacGroup, resourcesOf, version as apiVersion } from "./resources.ts";

/** The Kubernetes version whose behaviour the embedded API follows. The suffix marks it as an emulation. */
export const version = {
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

/** The paths that are not resources. */
export function pathAnswer(path: string, accept: string | undefined): Answer {
  const trimmed = path.length > 1 ? path.replace(/\/$/, "") : path;
  if (health.includes(trimmed)) return textAnswer(200, "ok");
  if (trimmed === "/version") return jsonAnswer(200, version);
  if (trimmed === "/") return jsonAnswer(200, { paths });
  if (trimmed === "/openapi/v2") return openApiV2(accept);
  const document = discovery(trimmed, accept);
  if (document !== undefined) return document;
  const specification = openApiV3(trimmed);
  return specification === undefined ? noSuchPath() : jsonAnswer(200, specification);
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
function openApiV3(path: string): JsonObject | undefined {
  if (path === "/openapi/v3") return { paths: Object.fromEntries(groups.map(indexEntry)) };
  const group = groups.find((name) => path === `/openapi/v3${pathOf(name)}`);
  if (group === undefined) return undefined;
  const stored = resourcesOf(group).filter(({ verbs }) => verbs.includes("patch"));
  return {
    openapi: "3.0.0",
    info,
    paths: Object.fromEntries(stored.map(pathItem)),
    components: { schemas: Object.fromEntries(stored.map(component)) },
  };
}

const indexEntry = (group: string): [string, JsonObject] => [
  pathOf(group).slice(1),
  { serverRelativeURL: `/openapi/v3${pathOf(group)}?hash=eks-x509` },
];

const gvk = ({ group, kind }: Resource) => ({ group, version: apiVersion, kind });

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
  `io.k8s.api.${resource.group === rbacGroup ? "rbac" : "core"}.${apiVersion}.${resource.kind}`,
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

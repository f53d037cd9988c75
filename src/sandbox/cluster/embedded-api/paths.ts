import { discovery } from "./discovery.ts";
import { type Answer, jsonAnswer, textAnswer } from "./exchange/answer.ts";
import type { JsonObject } from "../../json-value.ts";
import { acceptedRanges } from "./exchange/negotiation.ts";
import { type Schema, schemas } from "./objects/schemas.ts";
import { type Resource, pathOf, resources } from "./resources.ts";

/** The paths that are not resources. */
export function pathAnswer(path: string, accept: string | undefined): Answer | undefined {
  const trimmed = path.length > 1 ? path.replace(/\/$/, "") : path;
  // https://kubernetes.io/docs/reference/using-api/health-checks/
  if (["/healthz", "/livez", "/readyz"].includes(trimmed)) return textAnswer(200, "ok");
  if (trimmed === "/version") return jsonAnswer(200, version);
  if (trimmed === "/") return jsonAnswer(200, { paths });
  if (trimmed === "/openapi/v2") return openApiV2(accept);
  const document = discovery(trimmed, accept);
  if (document !== undefined) return { ...jsonAnswer(200, document.body), contentType: document.contentType };
  const specification = openApi(trimmed);
  return specification === undefined ? undefined : jsonAnswer(200, specification);
}

/**
 * An empty document. kubectl 1.27 writes nothing without one and requires protobuf, in which an empty message has no
 * bytes. It finds no schema in it and leaves validation to the server.
 */
function openApiV2(accept: string | undefined): Answer {
  if (acceptedRanges(accept).some(({ type }) => type.startsWith("application/com.github.proto-openapi")))
    return {
      ...textAnswer(200, ""),
      contentType: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
    };
  return jsonAnswer(200, { swagger: "2.0", info: { title: "eks-x509 sandbox", version: "v1" }, paths: {} });
}

const paths = [
  "/api",
  "/api/v1",
  "/apis",
  "/healthz",
  "/livez",
  "/openapi/v2",
  "/openapi/v3",
  "/readyz",
  "/version",
];

/**
 * OpenAPI v3, as far as kubectl reads it before it writes: the kinds of a group version, and `fieldValidation` for
 * PATCH, so that kubectl leaves validation to the server. (v2 is in paths.ts.)
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
 */
export function openApi(path: string): JsonObject | undefined {
  if (path === "/openapi/v3") return { paths: Object.fromEntries(documents.map(indexEntry)) };
  const document = path.replace(/^\/openapi\/v3\//, "/");
  if (!path.startsWith("/openapi/v3/") || !documents.includes(document)) return undefined;
  const stored = resources.filter((resource) => pathOf(resource) === document && isStored(resource));
  return {
    openapi: "3.0.0",
    info: { title: "eks-x509 sandbox", version: "v1" },
    paths: Object.fromEntries(stored.map(pathItem)),
    components: { schemas: Object.fromEntries(stored.map(component)) },
  };
}

const isStored = ({ verbs }: Resource) => verbs.includes("patch");

const documents = [...new Set(resources.map(pathOf))];

const indexEntry = (path: string): [string, JsonObject] => [
  path.slice(1),
  // Constant: kubectl caches the document by this hash, and the document never changes.
  { serverRelativeURL: `/openapi/v3${path}?hash=eks-x509` },
];

function pathItem(resource: Resource): [string, JsonObject] {
  const scope = resource.namespaced ? "namespaces/{namespace}/" : "";
  const query = (name: string) => ({ name, in: "query", schema: { type: "string", uniqueItems: true } });
  return [
    `${pathOf(resource)}/${scope}${resource.name}/{name}`,
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

const gvk = ({ group, version, kind }: Resource) => ({ group, version, kind });

function component(resource: Resource): [string, JsonObject] {
  const schema = schemas.get(resource.kind) ?? { type: "any" };
  const name = `io.k8s.api.${resource.group === "" ? "core" : "rbac"}.${resource.version}.${resource.kind}`;
  return [name, { ...schemaOf(schema), "x-kubernetes-group-version-kind": [gvk(resource)] }];
}

function schemaOf(schema: Schema): JsonObject {
  switch (schema.type) {
    case "struct": {
      const fields = Object.entries(schema.fields).map(([name, field]) => [name, schemaOf(field.schema)]);
      return { type: "object", properties: Object.fromEntries(fields) };
    }
    case "list":
      return { type: "array", items: schemaOf(schema.of) };
    case "map":
      return { type: "object", additionalProperties: schemaOf(schema.of) };
    case "bytes":
      return { type: "string", format: "byte" };
    case "string":
    case "boolean":
      return { type: schema.type };
    case "any":
      return {};
  }
}

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

import type { JsonObject } from "../../json-value.ts";
import { acceptedRanges, isJson } from "./exchange/negotiation.ts";
import { groupVersion, namedGroups, pathOf, resources, versionsOf, type Resource } from "./resources.ts";
import { notAcceptable } from "./exchange/status.ts";

/**
 * Discovery in both forms: one document for each group version, and one document for all.
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 */

export interface Document {
  readonly contentType: string;
  readonly body: JsonObject;
}

/** Undefined for a path that does not belong to discovery. */
export function discovery(path: string, accept: string | undefined): Document | undefined {
  if (path === "/api") return either([""], accept, apiVersions);
  if (path === "/apis") return either(namedGroups, accept, apiGroupList);
  return json(documents.get(path), accept);
}

export const isDiscovery = (path: string) => path === "/api" || path === "/apis" || documents.has(path);

function json(body: JsonObject | undefined, accept: string | undefined): Document | undefined {
  if (!acceptedRanges(accept).some(isJson)) throw notAcceptable();
  return body === undefined ? undefined : { contentType: "application/json", body };
}

/** kubectl lists the aggregated form first and the old one as a fallback. */
function either(
  groups: readonly string[],
  accept: string | undefined,
  legacy: () => JsonObject,
): Document | undefined {
  const wanted = acceptedRanges(accept).filter(isJson);
  const aggregated = wanted.find(
    ({ parameters }) =>
      parameters.get("as") === "APIGroupDiscoveryList" &&
      ["v2", "v2beta1"].includes(parameters.get("v") ?? ""),
  );
  const version = aggregated?.parameters.get("v");
  if (version === undefined) return json(legacy(), accept);
  return {
    contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    body: {
      kind: "APIGroupDiscoveryList",
      apiVersion: `apidiscovery.k8s.io/${version}`,
      metadata: {},
      items: groups.map(groupDiscovery),
    },
  };
}

const ofVersion = (group: string, version: string) =>
  resources.filter((resource) => resource.group === group && resource.version === version);

function groupDiscovery(group: string): JsonObject {
  return {
    metadata: { ...(group === "" ? {} : { name: group }), creationTimestamp: null },
    versions: versionsOf(group).map((version) => ({
      version,
      resources: ofVersion(group, version).map(resourceDiscovery),
      freshness: "Current",
    })),
  };
}

function resourceDiscovery(resource: Resource): JsonObject {
  const { name, group, version, kind, namespaced, singular, verbs, shortNames } = resource;
  return {
    resource: name,
    responseKind: { group, version, kind },
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
  };
}

const apiVersions = () => ({ kind: "APIVersions", versions: versionsOf("") });

const apiGroupList = () => ({
  kind: "APIGroupList",
  apiVersion: "v1",
  groups: namedGroups.map((group) => groupFields(group)),
});

const apiGroup = (group: string) => ({ kind: "APIGroup", apiVersion: "v1", ...groupFields(group) });

function groupFields(group: string): JsonObject {
  const versions = versionsOf(group).map((version) => ({
    groupVersion: groupVersion({ group, version }),
    version,
  }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function resourceList({ group, version }: Pick<Resource, "group" | "version">): JsonObject {
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: groupVersion({ group, version }),
    resources: ofVersion(group, version).map(({ name, singular, namespaced, kind, verbs, shortNames }) => ({
      name,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      ...(shortNames.length === 0 ? {} : { shortNames }),
    })),
  };
}

const documents: ReadonlyMap<string, JsonObject> = new Map([
  ...namedGroups.map((group): [string, JsonObject] => [`/apis/${group}`, apiGroup(group)]),
  ...resources.map((resource): [string, JsonObject] => [pathOf(resource), resourceList(resource)]),
]);

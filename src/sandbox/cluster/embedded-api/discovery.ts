import type { JsonObject } from "../../json-value.ts";
import { type Answer, jsonAnswer } from "./exchange/answer.ts";
import { jsonRanges } from "./exchange/negotiation.ts";
import { groupVersion, groups, pathOf, type Resource, resourcesOf, version } from "./resources.ts";

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
export function discovery(path: string, accept: string | undefined): Answer | undefined {
  const document = documents.get(path);
  const listed = aggregated.get(path);
  const versions = jsonRanges(accept)
    .filter(({ parameters }) => parameters.get("as") === "APIGroupDiscoveryList")
    .map(({ parameters }) => parameters.get("v"));
  const asked = versions.find((text) => text === "v2" || text === "v2beta1");
  if (listed === undefined || asked === undefined) return document && jsonAnswer(200, document);
  const items = listed.map(groupDiscovery);
  const apiVersion = `apidiscovery.k8s.io/${asked}`;
  return {
    ...jsonAnswer(200, { kind: "APIGroupDiscoveryList", apiVersion, metadata: {}, items }),
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

import type { UserInfo } from "../../../wire.ts";
import { type JsonObject, isJsonObject, objectIn, textIn } from "../../../json-value.ts";
import { timestamp } from "../objects/object.ts";
import type { PolicyRule } from "./rbac.ts";
import { authorize, rulesOf, type Policy } from "./rbac.ts";
import type { RequestInfo } from "../exchange/request-info.ts";
import { groupVersion, type Resource } from "../resources.ts";
import { invalid } from "../exchange/status.ts";

/**
 * The reviews that a user can create for itself: `kubectl auth whoami`, `auth can-i`, `auth can-i --list`.
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
 */
export function review(
  resource: Resource,
  body: JsonObject,
  user: UserInfo,
  policy: Policy,
  now: Date,
): JsonObject {
  const spec = objectIn(body, "spec");
  const head = { kind: resource.kind, apiVersion: groupVersion(resource) };
  switch (resource.kind) {
    case "SelfSubjectReview":
      return {
        ...head,
        metadata: { creationTimestamp: timestamp(now) },
        status: { userInfo: userInfo(user) },
      };
    case "SelfSubjectAccessReview": {
      const { allowed, reason } = authorize(user, attributesIn(resource, spec), policy);
      const status = { allowed, ...(reason === "" ? {} : { reason }) };
      return { ...head, metadata: { creationTimestamp: null }, spec, status };
    }
    default: {
      const rules = rulesOf(user, textIn(spec, "namespace"), policy);
      return { ...head, metadata: { creationTimestamp: null }, spec: {}, status: rulesStatus(rules) };
    }
  }
}

function userInfo({ username, uid, groups, extra }: UserInfo): JsonObject {
  const known = { ...(uid === "" ? {} : { uid }), ...(Object.keys(extra).length === 0 ? {} : { extra }) };
  return { username, groups, ...known };
}

function attributesIn(resource: Resource, spec: JsonObject): RequestInfo {
  const asked = spec["resourceAttributes"];
  const path = spec["nonResourceAttributes"];
  if (isJsonObject(asked) === isJsonObject(path)) {
    const message =
      "Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified";
    const causes = [{ reason: "FieldValueInvalid", message, field: "spec.resourceAttributes" }];
    throw invalid({ group: resource.group, kind: resource.kind, name: "" }, causes);
  }
  if (isJsonObject(path))
    return { isResourceRequest: false, verb: textIn(path, "verb"), path: textIn(path, "path") };
  const attributes = isJsonObject(asked) ? asked : {};
  return {
    isResourceRequest: true,
    verb: textIn(attributes, "verb"),
    apiGroup: textIn(attributes, "group"),
    apiVersion: textIn(attributes, "version"),
    namespace: textIn(attributes, "namespace"),
    resource: textIn(attributes, "resource"),
    subresource: textIn(attributes, "subresource"),
    name: textIn(attributes, "name"),
  };
}

function rulesStatus(rules: readonly PolicyRule[]): JsonObject {
  return {
    resourceRules: rules
      .filter(({ resources }) => resources.length > 0)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames.length === 0 ? {} : { resourceNames }),
      })),
    nonResourceRules: rules
      .filter(({ nonResourceURLs }) => nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  };
}

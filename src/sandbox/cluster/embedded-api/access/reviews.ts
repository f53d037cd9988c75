import { wholeSeconds } from "../../../../foundation/duration.ts";
import { type JsonObject, isJsonObject, objectIn, textIn } from "../../../json-value.ts";
import type { UserInfo } from "../../../wire.ts";
import { type Answer, type Call, jsonAnswer } from "../exchange/answer.ts";
import { decode, decodedBody } from "../exchange/request-body.ts";
import type { RequestInfo } from "../exchange/request-info.ts";
import { StatusError, invalid } from "../exchange/status.ts";
import { isDiscovery } from "../paths.ts";
import { type Resource, groupVersion } from "../resources.ts";
import { type PolicyRule, authorize, grantsOf, storedPolicy } from "./rbac.ts";

/**
 * The reviews that a user can create for itself: `kubectl auth whoami`, `auth can-i`, `auth can-i --list`.
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
 */
export function review({ key, store, now, ...call }: Call, user: UserInfo): Answer {
  const { resource } = key;
  const spec = objectIn(decode(decodedBody(call.body, call.contentType), resource, null), "spec");
  const policy = storedPolicy(store);
  const answer = (content: JsonObject, creationTimestamp: string | null = null): Answer => {
    const apiVersion = groupVersion(resource.group);
    return jsonAnswer(201, { kind: resource.kind, apiVersion, metadata: { creationTimestamp }, ...content });
  };
  if (resource.kind === "SelfSubjectReview")
    return answer({ status: { userInfo: userInfo(user) } }, wholeSeconds(now));
  if (resource.kind === "SelfSubjectRulesReview")
    return answer({
      spec: {},
      status: rulesStatus(grantsOf(user, textIn(spec, "namespace"), policy).grants.map(({ rule }) => rule)),
    });
  const { allowed, reason } = authorize(user, attributesIn(resource, spec), policy);
  return answer({ spec, status: { allowed, reason: reason || undefined } });
}

const userInfo = ({ username, uid, groups, extra }: UserInfo) => ({
  username,
  groups,
  uid: uid || undefined,
  extra: Object.keys(extra).length === 0 ? undefined : extra,
});

function attributesIn(resource: Resource, spec: JsonObject): RequestInfo {
  const { resourceAttributes: asked, nonResourceAttributes: path } = spec;
  if (isJsonObject(asked) && !isJsonObject(path))
    return {
      isResourceRequest: true,
      verb: textIn(asked, "verb"),
      apiGroup: textIn(asked, "group"),
      apiVersion: textIn(asked, "version"),
      namespace: textIn(asked, "namespace"),
      resource: textIn(asked, "resource"),
      subresource: textIn(asked, "subresource"),
      name: textIn(asked, "name"),
    };
  if (isJsonObject(path) && !isJsonObject(asked))
    return { isResourceRequest: false, verb: textIn(path, "verb"), path: textIn(path, "path") };
  const message =
    "Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified";
  throw invalid(resource, "", [{ reason: "FieldValueInvalid", message, field: "spec.resourceAttributes" }]);
}

const rulesStatus = (rules: readonly PolicyRule[]) => ({
  resourceRules: rules
    .filter(({ resources }) => resources.length > 0)
    .map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs,
      apiGroups,
      resources,
      resourceNames: resourceNames.length === 0 ? undefined : resourceNames,
    })),
  nonResourceRules: rules
    .filter(({ nonResourceURLs }) => nonResourceURLs.length > 0)
    .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
  incomplete: false,
});

/**
 * Authenticates a request.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/
 */

export type Authenticate = (bearerToken: string) => Promise<UserInfo | null>;

const anonymous: UserInfo = {
  username: "system:anonymous",
  uid: "",
  groups: ["system:unauthenticated"],
  extra: {},
};
const authenticated = "system:authenticated";

/** A request without a token is anonymous. A token that is wrong or could not be checked is refused. */
export async function userOf(
  headers: ReadonlyMap<string, string>,
  authenticate: Authenticate,
): Promise<UserInfo> {
  // Another scheme counts as no token, because the real server has no authenticator for it.
  const [scheme = "", token = ""] = (headers.get("authorization") ?? "").trim().split(" ");
  if (scheme.toLowerCase() !== "bearer" || token === "") return anonymous;
  const user = await authenticate(token).catch(() => null);
  if (user === null) throw new StatusError("Unauthorized", "Unauthorized");
  return user.groups.includes(authenticated) ? user : { ...user, groups: [...user.groups, authenticated] };
}

/**
 * The user that a request asks to be; undefined if it asks for none. Discovery is the same for every user, and kubectl
 * does not print why it was refused, so the request that follows is refused instead.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
export function impersonatedUser(headers: ReadonlyMap<string, string>, path: string): string | undefined {
  const impersonates = [...headers.keys()].some((name) => name.startsWith("impersonate-"));
  return impersonates && !isDiscovery(path) ? (headers.get("impersonate-user") ?? "") : undefined;
}

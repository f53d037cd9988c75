/** SelfSubjectReview: whom the API server takes the caller for, after authenticator and mapping. `kubectl auth whoami`. */
import { isObject } from "../foundation/json.ts";
import { malformed, objectIn, unexpected } from "./answer-failure.ts";
import { ask, type ApiAccess } from "./api-server.ts";
import { reviewForbidden } from "./review-forbidden.ts";

export interface KubernetesUser {
  username: string;
  /** Empty when the server tells none. */
  uid: string;
  groups: readonly string[];
  extra: Readonly<Record<string, readonly string[]>>;
}

/** The review is v1 since 1.28, beta in 1.27, and alpha, off unless enabled, in 1.26. */
const versions = ["v1", "v1beta1", "v1alpha1"] as const;

/**
 * Undefined from a server that is too old to tell.
 * @throws EksX509Error of hop api-server; API_UNAUTHORIZED when the token is not accepted
 */
export async function whoAmI(access: ApiAccess): Promise<KubernetesUser | undefined> {
  for (const version of versions) {
    const apiVersion = `authentication.k8s.io/${version}`;
    const path = `/apis/${apiVersion}/selfsubjectreviews`;
    const body = { apiVersion, kind: "SelfSubjectReview" };
    const answer = await ask(access, { method: "POST", path, body });
    if (answer.status === 404) continue;
    if (answer.status === 403) throw reviewForbidden(answer, access);
    if (answer.status !== 201 && answer.status !== 200) throw unexpected(answer, access, path);
    return userIn(objectIn(answer, "SelfSubjectReview", access), access.server.url);
  }
  return undefined;
}

function userIn({ status }: Record<string, unknown>, server: URL): KubernetesUser {
  const info = isObject(status) ? status["userInfo"] : undefined;
  const { username, uid = "", groups = [], extra = {} } = isObject(info) ? info : {};
  if (isName(username) && username !== "" && isName(uid) && isNames(groups) && isExtra(extra))
    return { username, uid, groups, extra };
  throw malformed("SelfSubjectReview", server);
}

/** Generous, and not without end: what a server says is shown. */
const longestName = 2048;
const mostNames = 1000;

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= longestName;
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= mostNames && value.every(isName);
}

function isExtra(value: unknown): value is Record<string, string[]> {
  return isObject(value) && Object.entries(value).every(([key, values]) => isName(key) && isNames(values));
}

/** The questions that `token debug` asks a cluster: its version, who the caller is, what it may do, and aws-auth. */
import { shellWord, shownName } from "../foundation/foreign-text.ts";
import { errorsOf, type EksX509Error } from "../foundation/errors.ts";
import { isObject, parseJson } from "../foundation/json.ts";
import type { Answer } from "../http/exchange.ts";
import type { ApiAccess } from "./access.ts";
import {
  ask,
  isStatus,
  malformed,
  notKubernetes,
  objectIn,
  reviewForbidden,
  unexpected,
  versionForbidden,
  wordsOf,
} from "./requests.ts";

/** `v1.34.4-eks-3025e55`. Anybody may ask, with or without a token: ClusterRole system:public-info-viewer. */
export async function serverVersion(access: ApiAccess): Promise<string> {
  const path = "/version";
  const answer = await ask(access, { method: "GET", path });
  if (answer.status === 403) throw versionForbidden(answer, access);
  if (answer.status !== 200) throw unexpected(answer, access, path);
  const json = parseJson(answer.body);
  const version = isObject(json) ? json["gitVersion"] : undefined;
  if (typeof version === "string" && /^v[\w.+-]{1,63}$/.test(version)) return version;
  throw notKubernetes(200, access.server.url.host);
}

export interface KubernetesUser {
  username: string;
  /** Empty when the server reports none. */
  uid: string;
  groups: readonly string[];
  extra: Readonly<Record<string, readonly string[]>>;
}

/** The review is v1 since 1.28, beta in 1.27, and alpha, off unless enabled, in 1.26. */
const versions = ["v1", "v1beta1", "v1alpha1"] as const;

/**
 * SelfSubjectReview, as `kubectl auth whoami` sends it.
 * @returns the user after authentication and mapping; undefined when the server is too old for the review
 * @throws EksX509Error of hop api-server; API_UNAUTHORIZED when the token is not accepted
 */
export async function whoAmI(access: ApiAccess): Promise<KubernetesUser | undefined> {
  for (const version of versions) {
    const apiVersion = `authentication.k8s.io/${version}`;
    const path = `/apis/${apiVersion}/selfsubjectreviews`;
    const body = { apiVersion, kind: "SelfSubjectReview" };
    const answer = await askForReview(access, path, body);
    if (answer.status !== 404) return userIn(statusIn(answer, access, path, body.kind), access.server.url);
  }
  return undefined;
}

function userIn({ userInfo }: Record<string, unknown>, server: URL): KubernetesUser {
  const { username = "", uid = "", groups = [], extra = {} } = isObject(userInfo) ? userInfo : {};
  // An entry of aws-auth without a username makes a user with an empty name, which the server leaves out.
  if (isName(username) && isName(uid) && username + uid !== "" && isNames(groups) && isExtra(extra))
    return {
      username: shownName(username),
      uid: shownName(uid),
      groups: groups.map(shownName),
      extra: Object.fromEntries(
        Object.entries(extra).map(([key, values]) => [shownName(key), values.map(shownName)]),
      ),
    };
  throw malformed("SelfSubjectReview", server);
}

async function askForReview(access: ApiAccess, path: string, body: object): Promise<Answer> {
  const answer = await ask(access, { method: "POST", path, body });
  if (answer.status === 403) throw reviewForbidden(answer, access);
  return answer;
}

function statusIn(answer: Answer, access: ApiAccess, path: string, kind: string): Record<string, unknown> {
  if (answer.status !== 201 && answer.status !== 200) throw unexpected(answer, access, path);
  const { status } = objectIn(answer, kind, access);
  return isObject(status) ? status : {};
}

/** Generous limits: what a server answers is printed. */
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

/** What `kubectl get namespaces` asks for. */
const listing = { verb: "list", resource: "namespaces" };

export interface Access {
  allowed: boolean;
  /** The authorizer's reason; empty when it gives none. */
  reason: string;
}

const accessReviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/** SelfSubjectAccessReview, as `kubectl auth can-i` sends it. */
export async function canI(access: ApiAccess, resourceAttributes = listing): Promise<Access> {
  const kind = "SelfSubjectAccessReview";
  const body = { apiVersion: "authorization.k8s.io/v1", kind, spec: { resourceAttributes } };
  const answer = await askForReview(access, accessReviews, body);
  const { allowed, reason, evaluationError } = statusIn(answer, access, accessReviews, kind);
  if (typeof allowed !== "boolean") throw malformed(kind, access.server.url);
  const words = [reason, evaluationError].filter((text) => typeof text === "string" && text !== "");
  return { allowed, reason: wordsOf(words.join("; "), access) };
}

/**
 * @param user the user that the server reports for the caller, if it does
 * @param flags of kubectl, so that an administrator's command goes to this cluster
 */
export function rbacForbidden(
  { reason }: Access,
  user: KubernetesUser | undefined,
  flags: readonly string[] = [],
): EksX509Error {
  const kubectl = ["kubectl", ...flags.map(shellWord)].join(" ");
  return errorsOf("refused", "authorization")(
    "RBAC_FORBIDDEN",
    `authenticated as ${described(user)}, who may not ${listing.verb} ${listing.resource}${reason && `: ${reason}`}`,
    // The built-in ClusterRole `view` allows to list namespaces and to read in them.
    `Authentication works; no role is bound to this user. An administrator can bind one: ${kubectl} create clusterrolebinding eks-x509-view --clusterrole=view ${subject(user)}`,
  );
}

/** Every authenticated user is in this group. */
const everybody = "system:authenticated";

function described(user: KubernetesUser | undefined): string {
  if (!user) return "a user that the server does not report";
  const groups = user.groups.filter((group) => group !== everybody);
  return `${brief(user.username)} (groups: ${groups.slice(0, 10).map(brief).join(", ") || "none of its own"})`;
}

function subject(user: KubernetesUser | undefined): string {
  const group = user?.groups.find((name) => !name.startsWith("system:"));
  if (group !== undefined) return `--group=${shellWord(group)}`;
  return `--user=${user ? shellWord(user.username) : "USERNAME"}`;
}

function brief(name: string): string {
  return name.slice(0, 200);
}

const awsAuthPath = "/api/v1/namespaces/kube-system/configmaps/aws-auth";

/**
 * @returns the data; `missing` if the cluster has none, so that only access entries decide; `forbidden` if the caller may not
 * read it
 */
export async function readAwsAuth(
  access: ApiAccess,
): Promise<Readonly<Record<string, string>> | "missing" | "forbidden"> {
  const answer = await ask(access, { method: "GET", path: awsAuthPath });
  if (answer.status === 403) return "forbidden";
  if (answer.status === 404 && isStatus(answer)) return "missing";
  if (answer.status !== 200) throw unexpected(answer, access, awsAuthPath);
  const { data = {} } = objectIn(answer, "ConfigMap", access);
  if (isTexts(data)) return data;
  throw malformed("ConfigMap", access.server.url);
}

function isTexts(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((text) => typeof text === "string");
}

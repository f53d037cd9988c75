/** SelfSubjectAccessReview: whether the API server lets the caller do something. `kubectl auth can-i`. */
import { EksX509Error } from "../foundation/errors.ts";
import { serverWords } from "../http/server-words.ts";
import { isObject } from "../foundation/json.ts";
import { malformed, objectIn, unexpected } from "./answer-failure.ts";
import { ask, type ApiAccess } from "./api-server.ts";
import { reviewForbidden } from "./review-forbidden.ts";
import type { KubernetesUser } from "./who-am-i.ts";

export interface AccessQuestion {
  verb: "get" | "list";
  /** `namespaces`. */
  resource: string;
  /** All of them, or a resource that has none, when undefined. */
  namespace?: string;
}

export interface Access {
  allowed: boolean;
  /** The authorizer's words; empty when it has none. */
  reason: string;
}

const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/** @throws EksX509Error of hop api-server or authorization */
export async function canI(access: ApiAccess, question: AccessQuestion): Promise<Access> {
  const kind = "SelfSubjectAccessReview";
  const body = { apiVersion: "authorization.k8s.io/v1", kind, spec: { resourceAttributes: question } };
  const answer = await ask(access, { method: "POST", path, body });
  if (answer.status === 403) throw reviewForbidden(answer, access);
  if (answer.status !== 201 && answer.status !== 200) throw unexpected(answer, access, path);
  const { status } = objectIn(answer, kind, access);
  const { allowed, reason, evaluationError } = isObject(status) ? status : {};
  if (typeof allowed !== "boolean") throw malformed(kind, access.server.url);
  const words = [reason, evaluationError].filter((text) => typeof text === "string" && text !== "");
  return { allowed, reason: serverWords(words.join("; "), access.token === undefined ? [] : [access.token]) };
}

/** For an answer that does not allow. @param user whom the server takes the caller for, where it tells */
export function rbacForbidden(
  { verb, resource, namespace }: AccessQuestion,
  { reason }: Access,
  user: KubernetesUser | undefined,
): EksX509Error {
  const place = namespace === undefined ? "" : ` in namespace ${namespace}`;
  return new EksX509Error({
    category: "refused",
    hop: "authorization",
    code: "RBAC_FORBIDDEN",
    message: `signed in as ${described(user)}, who may not ${verb} ${resource}${place}${reason && `: ${reason}`}`,
    hint: `Authentication works; no role is bound to this user. An administrator can bind one: ${command(user, namespace)}`,
  });
}

/** Every signed-in user is in it: what is bound to it is bound to all. */
const everybody = "system:authenticated";

function described(user: KubernetesUser | undefined): string {
  if (!user) return "a user that the server does not tell";
  const groups = user.groups.filter((group) => group !== everybody);
  return `${brief(user.username)} (groups: ${groups.slice(0, 10).map(brief).join(", ") || "none of its own"})`;
}

/** The built-in ClusterRole `view` holds reading in namespaces, and reading which there are. */
function command(user: KubernetesUser | undefined, namespace: string | undefined): string {
  const [kind, scope] =
    namespace === undefined
      ? ["clusterrolebinding", ""]
      : ["rolebinding", ` --namespace=${quoted(namespace)}`];
  return `kubectl create ${kind} eks-x509-view --clusterrole=view ${subject(user)}${scope}`;
}

function subject(user: KubernetesUser | undefined): string {
  const group = user?.groups.find((name) => !name.startsWith("system:"));
  if (group !== undefined) return `--group=${quoted(group)}`;
  return `--user=${user ? quoted(user.username) : "USERNAME"}`;
}

function brief(name: string): string {
  return name.slice(0, 200);
}

/** For a POSIX shell: the name is a stranger's, and the command is there to be pasted. */
function quoted(name: string): string {
  return /^[\w:@.,/+=-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
}

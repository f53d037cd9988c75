/** The Kubernetes API of the sandbox, in the order of the real one: authentication, authorization, the request. */
import { textMapIn } from "../../json-value.ts";
import type { Handler, OnEvent, UserInfo, WireRequest } from "../../wire.ts";
import { authorize, refusal, storedPolicy } from "./access/rbac.ts";
import { type Authenticate, impersonatedUser, review, userOf } from "./access/reviews.ts";
import { type Answer, type Call, jsonAnswer, noSuchPath, objectForm } from "./exchange/answer.ts";
import { type OnAudit, auditEvent } from "./exchange/audit-event.ts";
import { type RequestInfo, type ResourceRequest, requestInfo } from "./exchange/request-info.ts";
import { StatusError, badRequest, forbidden } from "./exchange/status.ts";
import { awsAuthKey, sandboxObjects, serverObjects } from "./objects/default-objects.ts";
import { newIdentity, objectOf } from "./objects/object.ts";
import { Store } from "./objects/store.ts";
import { create, get, list, patch, remove, update, watch } from "./objects/stored.ts";
import { pathAnswer } from "./paths.ts";
import { type Resource, resourcesOf, version } from "./resources.ts";

interface KubernetesApiOptions {
  readonly authenticate: Authenticate;
  /** The initial data of ConfigMap kube-system/aws-auth; undefined if there is none. */
  readonly awsAuth: Readonly<Record<string, string | undefined>> | undefined;
  readonly onEvent: OnEvent;
  readonly onAudit?: OnAudit | undefined;
  readonly now: () => Date;
}

export type KubernetesApi = ReturnType<typeof createKubernetesApi>;

/** `awsAuth` returns the present data of the ConfigMap, which is empty if there is none. */
export function createKubernetesApi(options: KubernetesApiOptions) {
  const store = new Store();
  const awsAuth = options.awsAuth && textMapIn({ ...options }, "awsAuth");
  for (const { body, ...key } of [...serverObjects, ...sandboxObjects(awsAuth)])
    store.put(key, objectOf(key, body, newIdentity(options.now())));
  const handler: Handler = async (request) => {
    const { status, contentType, body } = await answered(options, store, request);
    const headers = { "content-type": contentType, "cache-control": "no-cache, private" };
    return { status, headers, body: await body };
  };
  return { handler, awsAuth: () => textMapIn(store.get(awsAuthKey) ?? {}, "data") };
}

/** Reports the request when its verdict is known. For a watch, this is long before the body ends. */
async function answered(options: KubernetesApiOptions, store: Store, request: WireRequest): Promise<Answer> {
  let user: UserInfo | undefined;
  const answer = await (async () => {
    user = await userOf(request.headers, options.authenticate);
    return respond(store, options.now(), request, user);
  })().catch(refused);
  const { why } = answer;
  options.onEvent({
    hop: "kubernetes",
    what: `${request.method} ${request.path}`,
    verdict: why === "" ? "accepted" : "refused",
    who: user?.username ?? "",
    // A refusal can quote the request.
    why: why.replaceAll(/\p{Cc}/gu, " ").trim(),
  });
  options.onAudit?.(auditEvent({ request, user, status: answer.status, why, at: options.now() }));
  return answer;
}

function refused(error: unknown): Answer {
  if (error instanceof StatusError) return jsonAnswer(error.code, error.status, error.message);
  // A RangeError is the end of the stack: whoever reads the body walks down into it.
  return error instanceof RangeError
    ? refused(badRequest("the object provided is nested too deeply"))
    : refused(new StatusError("InternalError", "Internal error occurred"));
}

/** Handles a request of a known user: authorizes it and passes it to its handler. @throws StatusError */
function respond(store: Store, now: Date, request: WireRequest, user: UserInfo): Answer {
  const { headers, body } = request;
  const query = new URLSearchParams(request.rawQuery);
  const path = decodedPath(request.path);
  const info = requestInfo(request.method, path, query);
  const impersonated = impersonatedUser(headers, path);
  if (impersonated !== undefined) refuseImpersonation(store, user, impersonated);
  checkAuthorized(store, user, info);
  if (!info.isResourceRequest) return pathAnswer(path, headers.get("accept"));
  const resource = resourcesOf(info.apiGroup).find(({ name }) => name === info.resource);
  if (resource === undefined || info.apiVersion !== version || info.subresource !== "") return noSuchPath();
  const perform = handlerOf(resource, info);
  const form = objectForm(headers.get("accept"));
  const contentType = headers.get("content-type") ?? "";
  // A namespace is cluster-scoped, but its requests carry its name as their namespace.
  const key = { resource, namespace: resource.namespaced ? info.namespace : "", name: info.name };
  return perform({ key, query, form, contentType, body, store, now }, user);
}

/**
 * Repeated `Impersonate-Group` headers arrive joined by commas, which a group's name can contain, so the answer could be
 * about another user.
 */
function refuseImpersonation(store: Store, user: UserInfo, name: string): never {
  const users = { apiGroup: "", apiVersion: version, namespace: "", resource: "users", subresource: "" };
  checkAuthorized(store, user, { isResourceRequest: true, verb: "impersonate", ...users, name });
  const target = { resource: { group: "", name: "users" }, name };
  throw forbidden(target, "the sandbox does not support impersonation");
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw badRequest("the path is not percent-encoded UTF-8");
  }
}

function checkAuthorized(store: Store, user: UserInfo, info: RequestInfo): void {
  const { allowed, reason } = authorize(user, info, storedPolicy(store));
  if (allowed) return;
  const why = refusal(user.username, info, reason);
  if (!info.isResourceRequest) throw new StatusError("Forbidden", `forbidden: ${why}`, {});
  throw forbidden({ resource: { group: info.apiGroup, name: info.resource }, name: info.name }, why);
}

type Perform = (call: Call, user: UserInfo) => Answer;

const onObjects = new Map<string, Perform>(Object.entries({ get, update, patch, delete: remove }));
const onCollections = new Map<string, Perform>(Object.entries({ list, watch, create }));
const onReviews = new Map<string, Perform>([["create", review]]);

function handlerOf({ verbs, namespaced }: Resource, { verb, name, namespace }: ResourceRequest): Perform {
  const onObject = name === "" ? undefined : onObjects.get(verb);
  const perform = verbs.includes("get") ? (onObject ?? onCollections.get(verb)) : onReviews.get(verb);
  // A list can cover all namespaces, and can carry a name from its field selector.
  const lists = verb === "list" || verb === "watch";
  const misplaced = (verb === "create" && name !== "") || (namespaced && namespace === "");
  if (perform === undefined || (misplaced && !lists))
    throw new StatusError(
      "MethodNotAllowed",
      "the server does not allow this method on the requested resource",
      {},
    );
  return perform;
}

/** The Kubernetes API of the sandbox, in the order of the real one: authentication, authorization, the request. */
import { randomUUID } from "node:crypto";
import { type Authenticate, refuseImpersonation, userOf } from "./access/authentication.ts";
import { storedPolicy } from "./access/policy.ts";
import { type Policy, authorize, refusal } from "./access/rbac.ts";
import { review } from "./access/reviews.ts";
import { type Answer, type Call, jsonAnswer, noSuchPath } from "./exchange/answer.ts";
import { decode, decodedBody } from "./exchange/request-body.ts";
import { textMapIn } from "../../json-value.ts";
import { objectForm } from "./exchange/negotiation.ts";
import { type RequestInfo, type ResourceRequest, requestInfo } from "./exchange/request-info.ts";
import { StatusError, badRequest, forbidden, forbiddenPath, methodNotAllowed } from "./exchange/status.ts";
import { fill } from "./objects/default-objects.ts";
import { Store } from "./objects/store.ts";
import { create, get, list, patch, remove, update } from "./objects/stored.ts";
import { watch } from "./objects/watch.ts";
import { pathAnswer } from "./paths.ts";
import { type Resource, findResource } from "./resources.ts";
import type { Handler, OnEvent, UserInfo, WireRequest } from "../../wire.ts";

export interface KubernetesApiOptions {
  readonly authenticate: Authenticate;
  /** The initial data of ConfigMap kube-system/aws-auth; undefined if there is none. */
  readonly awsAuth:
    | {
        readonly mapRoles?: string | undefined;
        readonly mapUsers?: string | undefined;
        readonly mapAccounts?: string | undefined;
      }
    | undefined;
  readonly onEvent: OnEvent;
  readonly now: () => Date;
}

export interface KubernetesApi {
  readonly handler: Handler;
  /** The present data of the ConfigMap; empty if there is none. */
  readonly awsAuth: () => Readonly<Record<string, string>>;
}

interface Context {
  readonly options: KubernetesApiOptions;
  readonly cluster: Cluster;
}

const awsAuthKey = { group: "", resource: "configmaps", namespace: "kube-system", name: "aws-auth" };

export function createKubernetesApi(options: KubernetesApiOptions): KubernetesApi {
  const store = new Store();
  const awsAuth = options.awsAuth && textMapIn({ ...options }, "awsAuth");
  fill(store, awsAuth, () => ({ uid: randomUUID(), now: options.now() }));
  const context = { options, cluster: { store, policy: storedPolicy(store), now: options.now } };
  return {
    handler: async (request) => {
      const { status, contentType, body } = await answered(context, request);
      const headers = { "content-type": contentType, "cache-control": "no-cache, private" };
      return { status, headers, body: await body };
    },
    awsAuth: () => textMapIn(store.get(awsAuthKey) ?? {}, "data"),
  };
}

/** Reports the request when its verdict is known. For a watch, this is long before the body ends. */
async function answered(context: Context, request: WireRequest): Promise<Answer> {
  let who = "";
  const answer = await (async () => {
    const user = await userOf(request.headers, context.options.authenticate);
    who = user.username;
    return respond(context.cluster, request, user);
  })().catch(refused);
  const { why } = answer;
  context.options.onEvent({
    hop: "kubernetes",
    what: `${request.method} ${request.path}`,
    verdict: why === "" ? "accepted" : "refused",
    who,
    why: oneLine(why),
  });
  return answer;
}

/** A refusal can quote the request, so control characters are removed for the log. */
const oneLine = (text: string) => text.replaceAll(/\p{Cc}/gu, " ").trim();

/** A RangeError is the end of the stack: whoever reads the body walks down into it. */
const unexpected = (error: unknown): StatusError =>
  error instanceof RangeError
    ? badRequest("the object provided is nested too deeply")
    : new StatusError(500, "InternalError", "Internal error occurred");

function refused(error: unknown): Answer {
  const status = error instanceof StatusError ? error : unexpected(error);
  return { ...jsonAnswer(status.code, status.status), why: status.message };
}

/** Handles a request of a known user: authorizes it and passes it to its handler. */

export interface Cluster {
  readonly store: Store;
  readonly policy: Policy;
  readonly now: () => Date;
}

/** @throws StatusError */
export function respond(cluster: Cluster, request: WireRequest, user: UserInfo): Answer {
  const query = new URLSearchParams(request.rawQuery);
  const path = decodedPath(request.path);
  const info = requestInfo(request.method, path, query);
  refuseImpersonation(request.headers, path, (name) => {
    checkAuthorized(cluster, user, { ...impersonation, name });
  });
  checkAuthorized(cluster, user, info);
  if (!info.isResourceRequest) return pathAnswer(path, request.headers.get("accept")) ?? noSuchPath();
  const resource = findResource(info.apiGroup, info.apiVersion, info.resource);
  if (resource === undefined || info.subresource !== "") return noSuchPath();
  if (!resource.verbs.includes("get")) return reviewAnswer(cluster, request, user, info, resource);
  return storedAnswer(callOf(cluster, request, query, info, resource), info);
}

const impersonation = {
  isResourceRequest: true,
  verb: "impersonate",
  apiGroup: "",
  apiVersion: "v1",
  namespace: "",
  resource: "users",
  subresource: "",
} as const;

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw badRequest("the path is not percent-encoded UTF-8");
  }
}

function checkAuthorized({ policy }: Cluster, user: UserInfo, info: RequestInfo): void {
  const { allowed, reason } = authorize(user, info, policy);
  if (allowed) return;
  const why = refusal(user.username, info, reason);
  if (!info.isResourceRequest) throw forbiddenPath(why);
  throw forbidden({ group: info.apiGroup, resource: info.resource, name: info.name }, why);
}

function reviewAnswer(
  { policy, now }: Cluster,
  request: WireRequest,
  user: UserInfo,
  info: ResourceRequest,
  resource: Resource,
): Answer {
  if (info.verb !== "create" || info.name !== "") throw methodNotAllowed();
  objectForm(request.headers.get("accept"));
  const sent = decodedBody(request.body, request.headers.get("content-type") ?? "");
  const body = decode(sent, resource, "");
  return jsonAnswer(201, review(resource, body, user, policy, now()));
}

function callOf(
  { store, now }: Cluster,
  { headers, body }: WireRequest,
  query: URLSearchParams,
  info: ResourceRequest,
  resource: Resource,
): Call {
  // A namespace is cluster-scoped, but its requests carry its name as their namespace.
  const namespace = resource.namespaced ? info.namespace : "";
  const key = { group: resource.group, resource: resource.name, namespace, name: info.name };
  const contentType = headers.get("content-type") ?? "";
  return {
    resource,
    key,
    query,
    form: objectForm(headers.get("accept")),
    contentType,
    body,
    store,
    now: now(),
  };
}

const onObjects = new Map([
  ["get", get],
  ["update", update],
  ["patch", patch],
  ["delete", remove],
]);
const onCollections = new Map([
  ["list", list],
  ["watch", watch],
  ["create", create],
]);

function storedAnswer(call: Call, info: ResourceRequest): Answer {
  const onObject = info.name === "" ? undefined : onObjects.get(info.verb);
  const perform = onObject ?? onCollections.get(info.verb);
  if (perform === undefined) throw methodNotAllowed();
  // A list can cover all namespaces, and can carry a name from its field selector.
  const lists = info.verb === "list" || info.verb === "watch";
  const named = info.verb === "create" && info.name !== "";
  const nowhere = call.resource.namespaced && info.namespace === "";
  if (!lists && (named || nowhere)) throw methodNotAllowed();
  return perform(call);
}

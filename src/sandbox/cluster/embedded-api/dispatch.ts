import type { UserInfo, WireRequest } from "../../wire.ts";
import { jsonAnswer, noSuchPath, type Answer } from "./exchange/answer.ts";
import { refuseImpersonation } from "./access/authentication.ts";
import type { Call } from "./exchange/call.ts";
import { decode } from "./exchange/decoding.ts";
import { objectForm } from "./exchange/negotiation.ts";
import { pathAnswer } from "./paths.ts";
import { authorize, refusal, type Policy } from "./access/rbac.ts";
import { decodedBody } from "./exchange/request-body.ts";
import { requestInfo, type RequestInfo, type ResourceRequest } from "./exchange/request-info.ts";
import { findResource, type Resource } from "./resources.ts";
import { review } from "./access/reviews.ts";
import { badRequest, forbidden, forbiddenPath, methodNotAllowed } from "./exchange/status.ts";
import type { Store } from "./objects/store.ts";
import { create, get, list, patch, remove, update } from "./objects/stored.ts";
import { watch } from "./objects/watch.ts";

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

/** One endpoint for all AWS services, for `AWS_ENDPOINT_URL`. */
import type { Handler, WireRequest } from "../wire.ts";
import { authorityOperations } from "./acm-pca/authorities.ts";
import type { Account } from "./account.ts";
import { type Operation, createApi } from "./api/api-service.ts";
import { routed } from "./api/input.ts";
import { type ApiName, apiModel, isApiName } from "./api/model.ts";
import { authorizationOf } from "./authorization.ts";
import { accessEntryOperations } from "./eks/access-entries.ts";
import { clusterOperations } from "./eks/clusters.ts";
import { principalId } from "./iam/principals.ts";
import { roleOperations } from "./iam/roles.ts";
import { rolesAnywhereOperations } from "./rolesanywhere/administration/operations.ts";
import { type SessionOptions, createCreateSession } from "./rolesanywhere/create-session.ts";
import { createSts } from "./sts/sts.ts";

/**
 * Routes by the service of the signature, or by what else only one service has. CreateSession has a signature of its own kind, and STS
 * accepts what names no service.
 */
export function createAwsEndpoint(options: SessionOptions): Handler {
  const apis = apisOf(options);
  const createSession = createCreateSession(options);
  const sts = createSts(options);
  return (request) => {
    const api = apiOf(request);
    if (api !== undefined) return apis[api](request);
    return request.path === "/" ? sts(request) : createSession(request);
  };
}

function apiOf(request: WireRequest): ApiName | undefined {
  const { path, headers } = request;
  if (path === "/sessions") return undefined;
  if (/^\/clusters(\/|$)/.test(path)) return "eks";
  const [, service = ""] =
    /Credential=[^/,]+\/\d+\/[^/,]+\/([^/,]+)\//.exec(headers.get("authorization") ?? "") ?? [];
  if (isApiName(service)) return service;
  if (headers.has("x-amz-target")) return "acm-pca";
  return routed(apiModel("rolesanywhere"), request) ? "rolesanywhere" : undefined;
}

function apisOf(options: SessionOptions): Readonly<Record<ApiName, Handler>> {
  const operations = operationsOf(options.account);
  const api = (name: ApiName): Handler =>
    createApi({ name, operations: operations[name], authorize: authorizationOf(name) }, options);
  return { rolesanywhere: api("rolesanywhere"), iam: api("iam"), eks: api("eks"), "acm-pca": api("acm-pca") };
}

function operationsOf(account: Account): Readonly<Record<ApiName, Readonly<Record<string, Operation>>>> {
  const { id: accountId, partition, roles, clusters, authorities } = account;
  return {
    rolesanywhere: rolesAnywhereOperations(account),
    iam: roleOperations({ all: roles, accountId, partition }),
    eks: {
      ...clusterOperations(clusters),
      ...accessEntryOperations({ clusters, principalId: (arn) => principalId(account, arn) }),
    },
    "acm-pca": authorityOperations(authorities, partition),
  };
}

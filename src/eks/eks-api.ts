/** Questions to EKS: asked with a session, answered with a JSON object, or refused with what to look at. */
import { EksX509Error } from "../errors.ts";
import type { Http } from "../http/client.ts";
import type { Answer } from "../http/exchange.ts";
import { wrongServer } from "../http/fault-hints.ts";
import { isObject, parseJson } from "../json.ts";
import { isRefusal, isThrottling, requestIdHint } from "../rolesanywhere/refusal.ts";
import { eksRefusal } from "./eks-refusal.ts";
import { eksRequest, type EksCaller, type EksTarget } from "./eks-request.ts";

export interface EksQuestion extends EksTarget {
  /** The IAM action that a policy must allow: `eks:DescribeCluster`. */
  permission: string;
}

export type EksApi = (question: EksQuestion) => Promise<Record<string, unknown>>;

export interface EksPorts {
  http: Http;
  clock: () => Date;
}

/** @returns a function that throws an EksX509Error of category network or refused */
export function eksApi(caller: EksCaller, { http, clock }: EksPorts): EksApi {
  return async (question) => {
    const answer = await http({
      hop: "eks",
      service: "EKS",
      endpoint: caller.endpoint,
      request: () => eksRequest(question, caller, clock()),
      throttles: isThrottling,
    });
    if (answer.status === 200) return content(answer, caller);
    if (isRefusal(answer)) throw eksRefusal(answer, question.permission, caller, clock());
    throw unexpected(answer, caller.endpoint);
  };
}

function content({ body }: Answer, { endpoint }: EksCaller): Record<string, unknown> {
  const json = parseJson(body);
  if (isObject(json)) return json;
  throw networkError("EKS_RESPONSE_NOT_JSON", `${endpoint.host} answered with no JSON`, wrongServer("EKS"));
}

function unexpected({ status, headers }: Answer, { host }: URL): EksX509Error {
  if (status >= 500)
    return networkError(
      "EKS_SERVER_ERROR",
      `EKS (${host}) answered ${status}, several times`,
      `Try again in a minute; if it goes on, look at the AWS Health Dashboard.${requestIdHint(headers)}`,
    );
  if (status >= 300 && status < 400)
    return networkError(
      "EKS_REDIRECTED",
      `${host} answered ${status}, a redirect, which is never followed`,
      wrongServer("EKS"),
    );
  return networkError(
    "EKS_RESPONSE_UNEXPECTED",
    `${host} answered ${status} where EKS answers 200`,
    wrongServer("EKS"),
  );
}

/** Names the field only. */
export function malformedAnswer(permission: string, field: string): EksX509Error {
  return networkError(
    "EKS_RESPONSE_MALFORMED",
    `EKS's answer to ${permission.slice("eks:".length)} is not one: ${field} is missing or malformed`,
    wrongServer("EKS"),
  );
}

function networkError(code: string, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "network", hop: "eks", code, message, hint });
}

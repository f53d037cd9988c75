/** Requests to EKS: signed with a session, and answered with a JSON object or a refusal with its hint. */
import { EksX509Error, type CodeOf } from "../../foundation/errors.ts";
import type { Http } from "../../http/client.ts";
import type { Answer } from "../../http/exchange.ts";
import { wrongServer } from "../../http/faults.ts";
import { sharesPiece } from "../../http/server-words.ts";
import { isObject, parseJson } from "../../foundation/json.ts";
import { isRefusal, isThrottling, requestIdHint } from "../json-errors.ts";
import { eksRefusal } from "./refusal.ts";
import { eksRequest, type EksCaller, type EksTarget } from "./request.ts";

export interface EksQuestion extends EksTarget {
  /** The IAM action that a policy must allow: `eks:DescribeCluster`. */
  permission: string;
}

export interface EksApi {
  (question: EksQuestion): Promise<Record<string, unknown>>;
  /** The caller and the region, which an answer must match. */
  readonly askedBy: EksCaller;
  readonly clock: () => Date;
}

export interface EksPorts {
  http: Http;
  clock: () => Date;
}

/** @returns a function that throws an EksX509Error of category network or refused */
export function eksApi(caller: EksCaller, { http, clock }: EksPorts): EksApi {
  const ask = async (question: EksQuestion): Promise<Record<string, unknown>> => {
    const secrets = secretsOf(caller);
    const answer = await http({
      hop: "eks",
      service: "EKS",
      endpoint: caller.endpoint,
      request: async () => {
        const request = await eksRequest(question, caller, clock());
        secrets.push(...(request.headers["authorization"] ?? "").split("Signature=").slice(1));
        return request;
      },
      throttles: isThrottling,
    });
    if (answer.status === 200) return content(answer, caller);
    if (isRefusal(answer)) throw eksRefusal(answer, question.permission, { ...caller, secrets }, clock());
    throw unexpected(answer, caller.endpoint, secrets);
  };
  return Object.assign(ask, { askedBy: caller, clock });
}

/** The secrets of the requests. They must not appear in any output or file. */
function secretsOf({ session: { credentials } }: EksCaller): string[] {
  return [credentials.sessionToken, credentials.secretAccessKey];
}

/** Whether a text of an answer contains a part of a secret. */
export function repeatsSecret(text: string, { askedBy }: EksApi): boolean {
  return sharesPiece(text, secretsOf(askedBy));
}

function content({ body }: Answer, { endpoint }: EksCaller): Record<string, unknown> {
  const json = parseJson(body);
  if (isObject(json)) return json;
  throw networkError(
    "EKS_RESPONSE_NOT_JSON",
    `${endpoint.host} did not answer with JSON`,
    wrongServer("EKS"),
  );
}

function unexpected({ status, headers }: Answer, { host }: URL, secrets: readonly string[]): EksX509Error {
  if (status >= 500)
    return networkError(
      "EKS_SERVER_ERROR",
      `EKS (${host}) answered ${status}, several times`,
      `Try again in a minute. If it continues, check the AWS Health Dashboard.${requestIdHint(headers, secrets)}`,
    );
  if (status >= 300 && status < 400)
    return networkError(
      "EKS_REDIRECTED",
      `${host} answered ${status}, a redirect, which eks-x509 does not follow`,
      wrongServer("EKS"),
    );
  return networkError(
    "EKS_RESPONSE_UNEXPECTED",
    `${host} answered ${status} instead of 200`,
    wrongServer("EKS"),
  );
}

/** Names only the field. */
export function malformedAnswer(permission: string, field: string): EksX509Error {
  return networkError(
    "EKS_RESPONSE_MALFORMED",
    `EKS's answer to ${permission.slice("eks:".length)} cannot be used: ${field} is missing or malformed`,
    wrongServer("EKS"),
  );
}

export function networkError(code: CodeOf<"network", "eks">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "network", hop: "eks", code, message, hint });
}

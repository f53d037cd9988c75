/** Requests to EKS: signed with a session, and answered with a JSON object or a refusal with its hint. */
import { extendedEncodeURIComponent } from "@smithy/core/protocols";
import { type EksX509Error, errorsOf } from "../../foundation/errors.ts";
import type { Http } from "../../http/client.ts";
import type { Answer, OutgoingRequest } from "../../http/exchange.ts";
import { wrongServer } from "../../http/faults.ts";
import { sharesPiece } from "../../http/server-words.ts";
import { isObject, parseJson } from "../../foundation/json.ts";
import type { RoleSession } from "../credentials.ts";
import { isRefusal, isThrottling, unexpected } from "../json-errors.ts";
import type { Region } from "../partition.ts";
import { signatureOf, signedRequest } from "../signed-request.ts";
import { eksRefusal } from "./refusal.ts";

export interface EksCaller {
  session: RoleSession;
  region: Region;
  endpoint: URL;
}

export interface EksQuestion {
  /** The IAM action that a policy must allow: `eks:DescribeCluster`. */
  permission: string;
  /** The segments of the path, unencoded. */
  path: readonly string[];
  query?: Readonly<Record<string, string>>;
}

export interface EksApi {
  (question: EksQuestion): Promise<Record<string, unknown>>;
  /** The caller and the region, which an answer must match. */
  readonly askedBy: EksCaller;
  readonly clock: () => Date;
}

/** @returns a function that throws an EksX509Error of category network or refused */
export function eksApi(caller: EksCaller, { http, clock }: { http: Http; clock: () => Date }): EksApi {
  const ask = async (question: EksQuestion): Promise<Record<string, unknown>> => {
    const secrets = secretsOf(caller);
    const answer = await http({
      hop: "eks",
      service: "EKS",
      endpoint: caller.endpoint,
      request: async () => {
        const request = await eksRequest(question, caller, clock());
        secrets.push(...signatureOf(request));
        return request;
      },
      throttles: isThrottling,
    });
    if (answer.status === 200) return content(answer, caller);
    const { endpoint, region, session } = caller;
    const circumstances = { ...question, region: region.name, who: session.assumedRoleArn };
    if (isRefusal(answer)) throw eksRefusal(answer, circumstances, secrets, clock());
    throw unexpected(answer, "EKS", endpoint, secrets);
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

function eksRequest(
  { path, query = {} }: EksQuestion,
  { session, region, endpoint }: EksCaller,
  now: Date,
): Promise<OutgoingRequest> {
  const url = new URL(`/${path.map(extendedEncodeURIComponent).join("/")}`, endpoint);
  const request = { method: "GET" as const, url, query, headers: { accept: "application/json" } };
  return signedRequest(request, { service: "eks", region, credentials: session.credentials, now });
}

/** Names only the field. */
export function malformedAnswer(permission: string, field: string): EksX509Error {
  return networkError(
    "EKS_RESPONSE_MALFORMED",
    `EKS's answer to ${permission.slice("eks:".length)} cannot be used: ${field} is missing or malformed`,
    wrongServer("EKS"),
  );
}

/** @throws EksX509Error EKS_RESPONSE_MALFORMED for anything but a text of bounded length */
export function textIn(value: unknown, permission: string, field: string): string {
  if (typeof value === "string" && value.length <= 2048) return value;
  throw malformedAnswer(permission, field);
}

export function textsIn(values: unknown, permission: string, field: string): string[] {
  const list: unknown[] = Array.isArray(values) ? values : [undefined];
  return list.map((value) => textIn(value, permission, field));
}

export const networkError = errorsOf("network", "eks");

/** The errors of AWS's services: code, message and request id. AWS REST-JSON 1.0, "Operation error serialization". */
import { inWords } from "../foundation/duration.ts";
import { EksX509Error } from "../foundation/errors.ts";
import { isObject, parseJson } from "../foundation/json.ts";
import type { Answer } from "../http/exchange.ts";
import { wrongServer } from "../http/faults.ts";
import { sharesPiece } from "../http/server-words.ts";

/** Matched with `ErrorType: message`, or with the error type alone. */
export const throttling = /^(Throttl\w*|TooManyRequestsException|RequestLimitExceeded|HTTP 429)/;

/** AWS's own are UUIDs. Another text could be anything that the server was sent. */
const requestIdForm = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The request id for AWS support, with a leading space; empty if the answer has none. */
export function requestIdHint(headers: Answer["headers"], secrets: readonly string[] = []): string {
  const [requestId = ""] = requestIdForm.exec(headers["x-amzn-requestid"] ?? "") ?? [];
  return requestId && !sharesPiece(requestId, secrets) ? ` AWS's request id: ${requestId}.` : "";
}

/** A gateway in front of a service may throttle without a type. */
export function refusalType(answer: Answer): string {
  return errorTypeOf(answer) || (answer.status === 429 ? "HTTP 429" : "");
}

export function isThrottling(answer: Answer): boolean {
  return answer.status === 429 || throttling.test(errorTypeOf(answer));
}

/** Whether the answer can come from AWS. A proxy or another server returns its own page. */
export function isRefusal(answer: Answer): boolean {
  if (answer.status < 400 || answer.status >= 500) return false;
  return isThrottling(answer) || errorTypeOf(answer) !== "" || messageOf(answer.body) !== "";
}

const services = {
  "Roles Anywhere": {
    hop: "create-session",
    success: 201,
    codes: { server: "SERVER_ERROR", redirect: "REDIRECTED", other: "RESPONSE_UNEXPECTED" },
  },
  EKS: {
    hop: "eks",
    success: 200,
    codes: { server: "EKS_SERVER_ERROR", redirect: "EKS_REDIRECTED", other: "EKS_RESPONSE_UNEXPECTED" },
  },
  STS: {
    hop: "sts",
    success: 200,
    codes: { server: "STS_SERVER_ERROR", redirect: "STS_REDIRECTED", other: "STS_ANSWER_UNEXPECTED" },
  },
} as const;

/** Describes an answer that is neither the service's success nor its refusal. */
export function unexpected(
  { status, headers }: Answer,
  service: keyof typeof services,
  { host }: URL,
  secrets: readonly string[] = [],
): EksX509Error {
  const { hop, success, codes } = services[service];
  const failed = (code: keyof typeof codes, message: string, hint = wrongServer(service)) =>
    new EksX509Error({ category: "network", hop, code: codes[code], message, hint });
  if (status >= 500)
    return failed(
      "server",
      `${service} (${host}) answered ${status}, several times`,
      `Try again in a minute. If it continues, check the AWS Health Dashboard.${requestIdHint(headers, secrets)}`,
    );
  if (status >= 300 && status < 400)
    return failed("redirect", `${host} answered ${status}, a redirect, which eks-x509 does not follow`);
  return failed("other", `${host} answered ${status} instead of ${success}`);
}

/**
 * The error's code, from the header or the body. `AccessDeniedException:http://…` is cut at the colon. A code is short,
 * and the time of the expression grows with the square of the length.
 */
function errorTypeOf({ headers, body }: Answer): string {
  const json = parseJson(body);
  const inBody = isObject(json) ? (json["__type"] ?? json["code"]) : undefined;
  const type = headers["x-amzn-errortype"] ?? (typeof inBody === "string" ? inBody : "");
  return /^[\w.#]*?(\w+)(:|$)/.exec(type.slice(0, 200))?.[1] ?? "";
}

export function messageOf(body: string): string {
  const json = parseJson(body);
  const message = isObject(json) ? (json["message"] ?? json["Message"]) : undefined;
  // Shortened and without long hexadecimal, because a server that repeats the request would repeat its signature.
  return typeof message === "string" ? message.replace(/[0-9a-f]{64,}/gi, "…").slice(0, 500) : "";
}

/** SigV4 allows a few minutes in both directions. The SDKs correct the clock from five minutes on. */
const toleratedSkew = 5 * 60_000;

export function clockSkew(headers: Answer["headers"], now: Date): string | undefined {
  const skew = now.getTime() - Date.parse(headers["date"] ?? "");
  if (Number.isNaN(skew) || Math.abs(skew) < toleratedSkew) return undefined;
  return `This machine's clock is ${inWords(skew)} ${skew > 0 ? "ahead of" : "behind"} AWS's. Correct it, because AWS refuses requests with a wrong signing time.`;
}

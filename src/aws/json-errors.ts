/** The errors of AWS's JSON services: code, message and request id. AWS REST-JSON 1.0, "Operation error serialization". */
import { inWords } from "../foundation/duration.ts";
import { isObject, parseJson } from "../foundation/json.ts";
import type { Answer } from "../http/exchange.ts";
import { serverWords } from "../http/server-words.ts";

/** Looked for in `ErrorType: message`, or in the error type alone. */
export const throttling = /^(Throttl\w*|TooManyRequestsException|RequestLimitExceeded|HTTP 429)/;

/** What AWS's support asks for; empty when the answer has none, else with a space before it. */
export function requestIdHint(headers: Answer["headers"], secrets: readonly string[] = []): string {
  const requestId = serverWords(headers["x-amzn-requestid"]?.slice(0, 100) ?? "", secrets);
  return requestId ? ` AWS's request id: ${requestId}.` : "";
}

/** Whether to try again a little later. */
export function isThrottling(answer: Answer): boolean {
  return answer.status === 429 || throttling.test(errorTypeOf(answer));
}

/** Whether AWS may have said it, and not a proxy or some other server with a page of its own. */
export function isRefusal(answer: Answer): boolean {
  if (answer.status < 400 || answer.status >= 500) return false;
  return isThrottling(answer) || errorTypeOf(answer) !== "" || messageOf(answer.body) !== "";
}

/**
 * The error's code, from the header or the body; `AccessDeniedException:http://…` is cut at the colon. Codes are short,
 * and the expression takes time that grows with the square of the length.
 */
export function errorTypeOf({ headers, body }: Answer): string {
  const json = parseJson(body);
  const inBody = isObject(json) ? (json["__type"] ?? json["code"]) : undefined;
  const type = headers["x-amzn-errortype"] ?? (typeof inBody === "string" ? inBody : "");
  return /^[\w.#]*?(\w+)(:|$)/.exec(type.slice(0, 200))?.[1] ?? "";
}

export function messageOf(body: string): string {
  const json = parseJson(body);
  const message = isObject(json) ? (json["message"] ?? json["Message"]) : undefined;
  // Cut, and without long hexadecimal: a server that repeats the request would repeat its signature.
  return typeof message === "string" ? message.replace(/[0-9a-f]{64,}/gi, "…").slice(0, 500) : "";
}

/** SigV4 allows a few minutes either way; the SDKs begin to correct at five. */
const toleratedSkew = 5 * 60_000;

/** A hint, when the answer's Date header and `now` are too far apart. */
export function clockSkew(headers: Answer["headers"], now: Date): string | undefined {
  const skew = now.getTime() - Date.parse(headers["date"] ?? "");
  if (Number.isNaN(skew) || Math.abs(skew) < toleratedSkew) return undefined;
  return `This machine's clock is ${inWords(skew)} ${skew > 0 ? "ahead of" : "behind"} AWS's. Set it right: requests signed at the wrong time are refused.`;
}

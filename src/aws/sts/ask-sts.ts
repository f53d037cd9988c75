/**
 * Asks STS whose a token is, as the cluster's authenticator does: the token's own URL, fetched with the cluster's name
 * in x-k8s-aws-id. kubernetes-sigs/aws-iam-authenticator, pkg/token, Verify.
 */
import { EksX509Error, type CodeOf } from "../../foundation/errors.ts";
import type { Http } from "../../http/client.ts";
import { parseEndpoint } from "../../http/endpoint.ts";
import type { Answer } from "../../http/exchange.ts";
import { wrongServer } from "../../http/fault-hints.ts";
import { parseStsError, parseStsIdentity, type StsIdentity } from "./answer.ts";
import { isThrottlingError, stsRefusal, type Replay } from "./refusal.ts";

/** What a token asks to be fetched. Whoever holds it can sign in: it is a secret. */
export interface StsRequest {
  /** One of STS's: the Host header, which is signed. */
  host: string;
  /** Path and query as signed; bytes from 0x80 up as the characters of that number. */
  target: string;
}

export interface AskStsOptions {
  /** The cluster's own: STS is asked with it, whatever name the token was signed for. */
  clusterName: string;
  /** `https://HOST`, for a host that the token's checks have found to be STS's; or an override. Nothing else is contacted. */
  endpoint: URL;
}

/**
 * @throws EksX509Error of hop sts: of category network when STS did not answer, refused when STS refused,
 * other when the request may not be sent
 */
export async function askSts(
  request: StsRequest,
  { clusterName, endpoint }: AskStsOptions,
  { http, clock }: { http: Http; clock: () => Date },
): Promise<StsIdentity> {
  refuseToAsk(request, clusterName, endpoint);
  const { host, target } = request;
  const headers = { host, accept: "application/json", "x-k8s-aws-id": clusterName };
  const answer = await http({
    hop: "sts",
    service: "STS",
    endpoint,
    request: () => Promise.resolve({ method: "GET", url: endpoint, target, headers, body: "" }),
    throttles: isThrottling,
    // A proxy for plain http goes by the Host header, which is not where this request may go.
    ...(endpoint.protocol === "http:" && { proxy: "none" }),
  });
  if (answer.status !== 200) throw refusalIn(answer, replay(request, clusterName, answer, clock()), endpoint);
  const told = parseStsIdentity(answer.body);
  if (!told) throw malformed(endpoint);
  return told;
}

function refuseToAsk({ host, target }: StsRequest, clusterName: string, endpoint: URL): void {
  const problem = parseEndpoint(endpoint.href);
  if (typeof problem === "string") throw notAsked(`the endpoint ${problem}`);
  if (!/^[a-z0-9.-]{1,253}$/.test(host)) throw notAsked("the token's host is not a host's name");
  // Two slashes would be a host again to whoever reads the path as a URL.
  if (!/^\/\?[\x21-\x7e]*$/.test(target)) throw notAsked("the token's path is not /, or its query not ASCII");
  if (!/^[\x21-\x7e]{1,256}$/.test(clusterName)) throw notAsked("the cluster's name is no header's value");
}

function isThrottling({ status, body }: Answer): boolean {
  const error = status >= 400 && status < 500 ? parseStsError(body) : undefined;
  return status === 429 || (error !== undefined && isThrottlingError(error));
}

function replay({ host, target }: StsRequest, clusterName: string, { headers }: Answer, now: Date): Replay {
  const [, date = "", time = ""] = /[?&]x-amz-date=(\d{8})T(\d{6})Z(?:&|$)/i.exec(target) ?? [];
  const signedAt = new Date(
    `${date.replace(/(....)(..)(..)/, "$1-$2-$3")}T${time.replace(/(..)(..)(..)/, "$1:$2:$3")}Z`,
  );
  const answeredAt = new Date(headers["date"] ?? "");
  return {
    clusterName,
    host,
    now,
    signedAt: valid(signedAt),
    answeredAt: valid(answeredAt),
    secrets: secretsOf(target),
  };
}

function valid(date: Date): Date | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Signature and session token, as they stand and as they are meant: STS may send back either. And what tells that it sends back a URL. */
function secretsOf(target: string): string[] {
  const values = target.split(/[?&]/).flatMap((parameter) => {
    const [[name, value] = ["", ""]] = [...new URLSearchParams(parameter)];
    const raw = parameter.slice(parameter.indexOf("=") + 1);
    return /^x-amz-(signature|security-token)$/i.test(name) ? [value, raw] : [];
  });
  return ["X-Amz-", ...values];
}

function refusalIn(answer: Answer, context: Replay, { host }: URL): EksX509Error {
  const { status } = answer;
  const error = parseStsError(answer.body);
  if (status >= 500) return serverError(status, host);
  if (status >= 300 && status < 400) return redirected(status, host);
  if (status === 429) return stsRefusal({ code: "Throttling", message: "", ...error }, context);
  if (status >= 400 && error) return stsRefusal(error, context);
  return networkError(
    "STS_ANSWER_UNEXPECTED",
    `${host} answered ${status} without an error of STS's`,
    wrongServer("STS"),
  );
}

function serverError(status: number, host: string): EksX509Error {
  const hint = "Try again in a minute; if it goes on, look at the AWS Health Dashboard.";
  return networkError("STS_SERVER_ERROR", `STS (${host}) answered ${status}, several times`, hint);
}

function redirected(status: number, host: string): EksX509Error {
  const message = `${host} answered ${status}, a redirect, which is never followed`;
  return networkError("STS_REDIRECTED", message, wrongServer("STS"));
}

function malformed({ host }: URL): EksX509Error {
  const message = `${host} answered 200, but not to GetCallerIdentity: account, ARN and user id are not all there`;
  return networkError("STS_ANSWER_MALFORMED", message, wrongServer("STS"));
}

function networkError(code: CodeOf<"network", "sts">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "network", hop: "sts", code, message, hint });
}

/** A token may be anybody's, with anything in it. */
function notAsked(why: string): EksX509Error {
  return new EksX509Error({
    category: "other",
    hop: "sts",
    code: "STS_NOT_ASKED",
    message: `STS was not asked: ${why}`,
    hint: "The token holds what no signer of tokens writes, or the endpoint is not one. Nothing was sent.",
  });
}

/**
 * Calls STS for the identity of a token, as the cluster's authenticator does: with the token's own URL, and the
 * cluster's name in x-k8s-aws-id. kubernetes-sigs/aws-iam-authenticator, pkg/token, Verify.
 */
import { type EksX509Error, errorsOf } from "../../foundation/errors.ts";
import type { Http } from "../../http/client.ts";
import { parseEndpoint } from "../../http/endpoint.ts";
import type { Answer } from "../../http/exchange.ts";
import { wrongServer } from "../../http/faults.ts";
import { unexpected } from "../json-errors.ts";
import { parseStsIdentity, stsErrorIn, type StsIdentity } from "./answer.ts";
import { isStsThrottling, stsRefusal, type Replay } from "./refusal.ts";

/** The request in a token. Its holder can sign in, so it is a secret. */
export interface StsRequest {
  /** A host of STS: the Host header, which is signed. */
  host: string;
  /** Path and query as signed. Bytes from 0x80 up are the characters of that number. */
  target: string;
}

interface AskStsOptions {
  /** The cluster's own name, which STS gets, whatever name the token was signed for. */
  clusterName: string;
  /** `https://HOST` of a host that the token's checks have accepted as STS's, or an override. No other host is called. */
  endpoint: URL;
}

/**
 * @throws EksX509Error of hop sts: of category network if STS does not answer, refused if STS refuses,
 * other if the request is not sent
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
    throttles: isStsThrottling,
  });
  if (answer.status !== 200) throw refusalIn(answer, replay(request, clusterName, answer, clock()), endpoint);
  const identity = parseStsIdentity(answer.body);
  if (identity) return identity;
  throw errorsOf("network", "sts")(
    "STS_ANSWER_MALFORMED",
    `${endpoint.host} answered 200, but not as GetCallerIdentity does: account, ARN or user id is missing`,
    wrongServer("STS"),
  );
}

function refuseToAsk({ host, target }: StsRequest, clusterName: string, endpoint: URL): void {
  const problem = parseEndpoint(endpoint.href);
  if (typeof problem === "string") throw notAsked(`the endpoint ${problem}`);
  if (!/^[a-z0-9.-]{1,253}$/.test(host)) throw notAsked("the token's host is not a host name");
  // A path of two slashes would be a host again for a parser that reads it as a URL.
  if (!/^\/\?[\x21-\x7e]*$/.test(target))
    throw notAsked("the token's path is not /, or its query is not ASCII");
  if (!/^[\x21-\x7e]{1,256}$/.test(clusterName))
    throw notAsked("the cluster's name cannot be the value of a header");
}

function replay({ host, target }: StsRequest, clusterName: string, { headers }: Answer, now: Date): Replay {
  const [, date = "", time = ""] = /[?&]x-amz-date=(\d{8})T(\d{6})Z(?:&|$)/i.exec(target) ?? [];
  const signedAt = new Date(
    `${date.replace(/(....)(..)(..)/, "$1-$2-$3")}T${time.replace(/(..)(..)(..)/, "$1:$2:$3")}Z`,
  );
  const answeredAt = valid(new Date(headers["date"] ?? ""));
  return { clusterName, host, now, signedAt: valid(signedAt), answeredAt, secrets: secretsOf(target) };
}

function valid(date: Date): Date | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Signature and session token, both encoded and decoded, because STS can return either form. The third matches a returned URL. */
function secretsOf(target: string): string[] {
  const values = target.split(/[?&]/).flatMap((parameter) => {
    const [[name, value] = ["", ""]] = [...new URLSearchParams(parameter)];
    const raw = parameter.slice(parameter.indexOf("=") + 1);
    return /^x-amz-(signature|security-token)$/i.test(name) ? [value, raw] : [];
  });
  return ["X-Amz-", ...values];
}

function refusalIn(answer: Answer, context: Replay, endpoint: URL): EksX509Error {
  const error = stsErrorIn(answer);
  return error ? stsRefusal(error, context) : unexpected(answer, "STS", endpoint);
}

/** A token can come from anybody and contain anything. */
function notAsked(why: string): EksX509Error {
  return errorsOf("other", "sts")(
    "STS_NOT_ASKED",
    `STS was not called: ${why}`,
    "The token contains something that no signer writes, or the endpoint is not valid. Nothing was sent.",
  );
}

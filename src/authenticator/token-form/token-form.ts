/**
 * Judges a token as the cluster's verifier does before it calls STS: aws-iam-authenticator, pkg/token, Verify, and
 * below it Go's base64, net/url, strconv and time. Only STS can check the signature.
 */
import type { StsRequest } from "../../aws/sts/ask-sts.ts";
import { type VerifierPlace, judgeHost, type StsHost } from "../sts-hosts.ts";
import { checksBeforeQuery, type Fault } from "./checks.ts";
import {
  checksOfQuery,
  isClusterHeaderSigned,
  readSigningDate,
  secondsOf,
  validUntilOf,
} from "./query-checks.ts";
import { valueOf, type QueryReading, knownNames, readQuery } from "./query.ts";
import { readToken, type TokenReading } from "./token-reading.ts";
import { accountOfAccessKey } from "../../aws/access-key.ts";
import type { CodeOf } from "../../foundation/errors.ts";
import { harmless, harmlessHost, harmlessName } from "./shown.ts";

/** The verifier's checks before it calls STS, in its order (aws-iam-authenticator, pkg/token, Verify). */
const checks = [...checksBeforeQuery, ...checksOfQuery] as const;

export const tokenCheckNames = checks.map(([name]) => name);
export type TokenCheckName = (typeof checks)[number][0];

export interface TokenCheck {
  name: TokenCheckName;
  status: "ok" | "failed" | "not-reached";
  /** Of a failed check; stable, from docs/errors.md. */
  code?: CodeOf<"refused", "token">;
  /** The finding, without any part of the signature or of the session token. Empty if not reached. */
  why: string;
  /** The next step; empty unless failed. */
  hint: string;
}

/** The reason why the token fails. */
export interface FailedCheck extends TokenCheck {
  status: "failed";
  code: CodeOf<"refused", "token">;
}

export interface TokenForm {
  /** All checks, in the verifier's order. Those after a failed one are not reached. */
  checks: readonly TokenCheck[];
  failure: FailedCheck | undefined;
  /** The claims that could be read, also after a failed check. */
  claims: TokenClaims;
  /** The key id that the verifier reads from X-Amz-Credential, unfiltered. The claims contain it if it can be printed. */
  accessKeyId: string;
  /** The request that the verifier would send to STS, which is a secret. Undefined unless every check passes. */
  request: StsRequest | undefined;
}

/** The cluster's partition and region; if undefined, those in the token. */
export interface FormContext extends VerifierPlace {
  now: Date;
}

export function readTokenForm(token: string, context: FormContext): TokenForm {
  const reading = readToken(token);
  const results = runChecks(reading, context);
  const failure = results.find((check): check is FailedCheck => check.status === "failed");
  const { host, path, rawQuery } = reading.url;
  return {
    checks: results,
    failure,
    claims: claimsOf(reading, context),
    accessKeyId: valueOf(reading.query, "x-amz-credential").split("/")[0] ?? "",
    request: failure ? undefined : { host, target: `${path}?${rawQuery}` },
  };
}

function runChecks(reading: TokenReading, context: FormContext): TokenCheck[] {
  let hasFailed = false;
  return checks.map(([name, check]) => {
    if (hasFailed) return { name, status: "not-reached", why: "", hint: "" };
    const finding = check(reading, context);
    if (typeof finding === "string") return { name, status: "ok", why: finding, hint: "" };
    hasFailed = true;
    return { name, status: "failed", ...withCutOffTold(finding, reading) };
  });
}

// The claims of a token, true or not. They can be printed and contain no signature or session token.

/** Undefined if the token does not contain the claim, or not in a form that can be printed. */
export interface TokenClaims {
  /** In bytes. */
  length: number;
  /** Of the URL, with the port; not necessarily a host of STS. */
  host: string | undefined;
  /** Whether the host belongs to STS in some partition, in the verifier's spelling. */
  isStsHost: boolean;
  /** Of an STS host. */
  partition: string | undefined;
  /** Of an STS host; for the global host, the region of the credential. */
  region: string | undefined;
  accessKeyId: string | undefined;
  /** Decoded from the access key id, 12 digits. */
  account: string | undefined;
  signedAt: Date | undefined;
  /** signedAt plus 15 minutes. */
  validUntil: Date | undefined;
  /** X-Amz-Expires in seconds, if the verifier accepts it. STS ignores it. */
  expires: number | undefined;
  /** The signed headers with a well-known name. */
  signedHeaders: readonly string[];
  isClusterHeaderSigned: boolean;
  /** Whether it contains a session token, as for a role or a federated user. */
  isTemporary: boolean;
}

function claimsOf({ length, url: { host }, query }: TokenReading, place: VerifierPlace): TokenClaims {
  const sts = stsHostOf(host, place);
  const credential = valueOf(query, "x-amz-credential").split("/");
  const accessKeyId = harmless("keyId", credential[0] ?? "");
  const shownHost = harmlessHost(host);
  return {
    length,
    host: shownHost,
    isStsHost: sts !== undefined,
    partition: sts?.partition.name,
    region: shownHost && sts && (sts.region ?? harmless("region", credential[2] ?? "")),
    accessKeyId,
    account: accessKeyId === undefined ? undefined : accountOfAccessKey(accessKeyId),
    ...timesOf(query),
    ...signedHeadersOf(query),
    isTemporary: valueOf(query, "x-amz-security-token") !== "",
  };
}

/** The verifier of its own partition gives more information than that of another one. */
function stsHostOf(host: string, place: VerifierPlace): StsHost | undefined {
  return [judgeHost(host, {}), judgeHost(host, place)].find((verdict) => typeof verdict === "object");
}

function timesOf(query: QueryReading): Pick<TokenClaims, "signedAt" | "validUntil" | "expires"> {
  const date = readSigningDate(valueOf(query, "x-amz-date"));
  const seconds = secondsOf(valueOf(query, "x-amz-expires")) ?? -1;
  return {
    signedAt: typeof date === "object" ? date : undefined,
    validUntil: validUntilOf(date),
    expires: seconds >= 0 && seconds <= 900 ? seconds : undefined,
  };
}

function signedHeadersOf(query: QueryReading): Pick<TokenClaims, "signedHeaders" | "isClusterHeaderSigned"> {
  const text = valueOf(query, "x-amz-signedheaders");
  const names = text.split(";").filter((name) => harmlessName(name) !== undefined);
  return { signedHeaders: [...new Set(names)], isClusterHeaderSigned: isClusterHeaderSigned(text) };
}

// A token without its end. The verifier would fail at a later check, whose reason would mislead.

/** @returns the fault, or the text after the place where the query breaks off */
function withCutOffTold(fault: Fault, reading: TokenReading): Fault {
  if (!breaksOff(fault.code, reading)) return fault;
  return {
    code: "TOKEN_CUT_OFF",
    why: "the URL in the token ends inside its query, so the end of the token is missing",
    hint: `Copy the complete token: this one has ${reading.length} bytes. If a terminal or a ticket cuts long lines, pipe the plugin's output into "eks-x509 token debug -".`,
  };
}

function breaksOff(code: string, reading: TokenReading): boolean {
  const { rawQuery } = reading.url;
  switch (code) {
    case "TOKEN_QUERY_MALFORMED":
      return /=[^&]*%[0-9A-Fa-f]?$/.test(rawQuery) && readQuery(withoutLast(rawQuery)).problem === undefined;
    case "TOKEN_PARAMETER_UNKNOWN":
      return endsInsideName(reading);
    case "TOKEN_SIGNED_HEADERS_MISSING":
      return lacksSignature(reading) || lastName(reading) === "x-amz-signedheaders";
    case "TOKEN_CLUSTER_HEADER_UNSIGNED":
      return lacksSignature(reading) || endsInsideHeaders(reading);
    default:
      return false;
  }
}

function withoutLast(rawQuery: string): string {
  return rawQuery.slice(0, Math.max(rawQuery.lastIndexOf("&"), 0));
}

/** The only unknown name is the last one, and a known name begins with it. */
function endsInsideName({ url: { rawQuery }, query: { parameters } }: TokenReading): boolean {
  const [last, ...others] = [...parameters].reverse();
  if (!last || last.lowerName === "" || /[=&]$/.test(rawQuery) || last.value !== "") return false;
  const isBeginning = [...knownNames].some((name) => name.startsWith(last.lowerName));
  return isBeginning && others.every(({ lowerName }) => knownNames.has(lowerName));
}

/** Of a request that is signed in its query. */
function lacksSignature({ query }: TokenReading): boolean {
  return (
    valueOf(query, "x-amz-algorithm") !== "" && !/^[0-9a-f]{64}$/i.test(valueOf(query, "x-amz-signature"))
  );
}

/** Some signers put the signed headers last. */
function endsInsideHeaders(reading: TokenReading): boolean {
  if (lastName(reading) !== "x-amz-signedheaders") return false;
  const names = valueOf(reading.query, "x-amz-signedheaders").split(";");
  return names.length > 1 && "x-k8s-aws-id".startsWith(names.at(-1) ?? "");
}

function lastName({ query: { parameters } }: TokenReading): string | undefined {
  return parameters.at(-1)?.lowerName;
}

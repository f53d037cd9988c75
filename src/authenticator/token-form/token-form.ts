/**
 * A token judged as the cluster's verifier judges it before it asks STS: aws-iam-authenticator, pkg/token, Verify, and
 * below it Go's base64, net/url, strconv and time. Whether STS takes the signature only STS can tell.
 */
import type { StsRequest } from "../../aws/sts/ask-sts.ts";
import type { VerifierPlace } from "../sts-hosts.ts";
import { withCutOffTold } from "./cut-off.ts";
import { checkEncoding, checkLength, checkPrefix } from "./envelope-checks.ts";
import { checkHost } from "./host-check.ts";
import { checkAction, checkAge, checkClusterHeader, checkDate, checkExpires } from "./parameter-checks.ts";
import { checkKnown, checkOnce, checkQuery } from "./query-checks.ts";
import {
  tokenCheckNames,
  type FailedCheck,
  type Finding,
  type TokenCheck,
  type TokenCheckName,
} from "./token-check.ts";
import { claimsOf, type TokenClaims } from "./token-claims.ts";
import { valueOf } from "./query.ts";
import { readToken, type TokenReading } from "./token-reading.ts";
import { checkPath, checkScheme, checkUrl } from "./url-checks.ts";

export { tokenCheckNames, type FailedCheck, type TokenCheck, type TokenCheckName, type TokenClaims };

export interface TokenForm {
  /** All of them, in the verifier's order; after the failed one they are not reached. */
  checks: readonly TokenCheck[];
  failure: FailedCheck | undefined;
  /** As far as they could be read, also when a check failed. */
  claims: TokenClaims;
  /** As the verifier reads it from X-Amz-Credential, whatever it is; the claims hold it where it is fit to be shown. */
  accessKeyId: string;
  /** What the verifier would GET from STS: a secret. Undefined unless every check holds. */
  request: StsRequest | undefined;
}

/** The cluster's partition and region; without them, those that the token names. */
export interface FormContext extends VerifierPlace {
  now: Date;
}

export function readTokenForm(token: string, context: FormContext): TokenForm {
  const reading = readToken(token);
  const checks = runChecks(reading, context);
  const failure = checks.find(isFailed);
  const { host, path, rawQuery } = reading.url;
  return {
    checks,
    failure,
    claims: claimsOf(reading, context),
    accessKeyId: valueOf(reading.query, "x-amz-credential").split("/")[0] ?? "",
    request: failure ? undefined : { host, target: `${path}?${rawQuery}` },
  };
}

function isFailed(check: TokenCheck): check is FailedCheck {
  return check.status === "failed";
}

const find: Readonly<Record<TokenCheckName, (reading: TokenReading, context: FormContext) => Finding>> = {
  length: checkLength,
  prefix: checkPrefix,
  base64url: checkEncoding,
  url: checkUrl,
  scheme: checkScheme,
  host: checkHost,
  path: checkPath,
  query: checkQuery,
  "parameters-once": checkOnce,
  "parameters-known": checkKnown,
  action: checkAction,
  "cluster-header": checkClusterHeader,
  expires: checkExpires,
  date: checkDate,
  age: (reading, { now }) => checkAge(reading, now),
};

function runChecks(reading: TokenReading, context: FormContext): TokenCheck[] {
  let hasFailed = false;
  return tokenCheckNames.map((name) => {
    if (hasFailed) return { name, status: "not-reached", why: "", hint: "" };
    const finding = find[name](reading, context);
    if (typeof finding === "string") return { name, status: "ok", why: finding, hint: "" };
    hasFailed = true;
    return { name, status: "failed", ...withCutOffTold(finding, reading) };
  });
}

/**
 * STS's refusals of a token, each with what to look at. STS's own text is told of few: with a signature that does not
 * match it may send back all that it signed.
 */
import { inWords } from "../../foundation/duration.ts";
import { EksX509Error, type CodeOf } from "../../foundation/errors.ts";
import { serverWords } from "../../http/server-words.ts";
import type { StsError } from "./answer.ts";

/** What the hints are made of. */
export interface Replay {
  clusterName: string;
  /** That the token names. */
  host: string;
  /** X-Amz-Date; undefined when the token has none. */
  signedAt: Date | undefined;
  /** STS's clock: its answer's Date header. */
  answeredAt: Date | undefined;
  /** This machine's clock. */
  now: Date;
  /** The signature and the session token. */
  secrets: readonly string[];
}

interface Cause {
  /** Looked for in `Code: message`. */
  text: RegExp;
  code: CodeOf<"refused", "sts">;
  why: (replay: Replay) => string;
  hint: (replay: Replay) => string;
}

const throttling = /^(Throttl\w*|RequestLimitExceeded|TooManyRequests\w*):/;

const causes: readonly Cause[] = [
  {
    text: /^SignatureDoesNotMatch: Signature expired|^RequestExpired:/,
    code: "STS_SIGNATURE_EXPIRED",
    why: ({ signedAt }) => `the token was signed more than 15 minutes ago${at(signedAt)}`,
    hint: (replay) => `Make a new token: one serves for 15 minutes. ${clocks(replay)}`,
  },
  {
    text: /^SignatureDoesNotMatch: Signature not yet current/,
    code: "STS_NOT_YET_CURRENT",
    why: ({ signedAt }) => `the token was signed at a time that is yet to come${at(signedAt)}`,
    hint: (replay) =>
      `The clock of the machine that signed the token is ahead. Set it right, and make a new token. ${clocks(replay)}`,
  },
  {
    text: /^SignatureDoesNotMatch: Credential should be scoped to a valid region/,
    code: "STS_WRONG_REGION",
    why: ({ host }) => `the token was signed for another region than that of ${host}`,
    hint: () => "The region of X-Amz-Credential and that of the token's host must be one.",
  },
  {
    text: /^SignatureDoesNotMatch: (Credential should be scoped|Date in Credential scope)/,
    code: "STS_WRONG_SCOPE",
    why: () => "the token's X-Amz-Credential is not DATE/REGION/sts/aws4_request of its X-Amz-Date",
    hint: () => "Whatever made the token has a defect, or the token was changed since. Make a new one.",
  },
  {
    text: /^SignatureDoesNotMatch:/,
    code: "STS_SIGNATURE_MISMATCH",
    why: ({ clusterName }) => `the token's signature does not hold for cluster "${clusterName}"`,
    hint: ({ clusterName }) =>
      `Most often the token was made for another cluster name: the cluster asks STS with its own, here "${clusterName}". Names count small and capital letters, and are no ARNs. Otherwise the token was changed or cut, or its secret key is not the access key's.`,
  },
  {
    text: /^InvalidClientTokenId:/,
    code: "STS_UNKNOWN_KEY",
    why: ({ host }) => `${host} does not know the access key, or the session token with it`,
    hint: () =>
      "Either the session was revoked, or it is of another partition (aws, aws-cn, aws-us-gov), or the region is not enabled in the account, or the session token was cut on its way. Make a new session (eks-x509 cache clear) and a new token.",
  },
  {
    text: /^ExpiredToken(Exception)?:/,
    code: "STS_SESSION_EXPIRED",
    why: () => "the session that signed the token has expired",
    hint: () => "Make a new session and a new token: a token lives no longer than its session.",
  },
  {
    text: throttling,
    code: "STS_THROTTLED",
    why: () => "too many calls from this account and region",
    hint: () =>
      "Wait a little. The cluster's authenticator meets the same limit, and answers 401 while it lasts.",
  },
  {
    text: /^RegionDisabledException:/,
    code: "STS_REGION_DISABLED",
    why: ({ host }) => `STS is not active in the region of ${host} for this account`,
    hint: () =>
      "Activate the region's STS in the account's settings (IAM, Security Token Service), or have the token made for another region.",
  },
  {
    text: /^AccessDenied(Exception)?:/,
    code: "STS_ACCESS_DENIED",
    why: () => "access denied",
    hint: () =>
      "No IAM policy can deny GetCallerIdentity, but the policy of a VPC endpoint for STS can. Look at those between this machine and STS; the cluster asks from its own network.",
  },
  {
    text: /^(IncompleteSignature|Missing\w+|InvalidParameter\w*|InvalidAction|InvalidQueryParameter):/,
    code: "STS_REQUEST_INCOMPLETE",
    why: () => "the token's URL is not a whole, signed GetCallerIdentity request",
    hint: () => "Whatever made the token has a defect, or the token was cut or changed. Make a new one.",
  },
];

const unknownCause: Omit<Cause, "text"> = {
  code: "STS_REFUSED",
  why: () => "for a reason that eks-x509 does not know",
  hint: () => "The cluster's authenticator gets the same answer. Look the code up among STS's common errors.",
};

/** Refusals in whose text nothing of the request is known to come back, and whose text tells more than their code. */
const quotable = new Set(["STS_ACCESS_DENIED", "STS_REQUEST_INCOMPLETE", "STS_REFUSED"]);

export function stsRefusal({ code, message }: StsError, replay: Replay): EksX509Error {
  const cause = causes.find(({ text }) => text.test(`${code}: ${message}`)) ?? unknownCause;
  const words = quotable.has(cause.code) ? serverWords(message, replay.secrets) : "";
  return new EksX509Error({
    category: "refused",
    hop: "sts",
    code: cause.code,
    message: `STS refused the token: ${cause.why(replay)} (${code}${words && `: ${words}`})`,
    hint: cause.hint(replay).trim(),
  });
}

export function isThrottlingError({ code }: StsError): boolean {
  return throttling.test(`${code}:`);
}

function at(date: Date | undefined): string {
  return date ? `, at ${date.toISOString()}` : "";
}

/** Clocks that differ by less agree: a Date header has whole seconds, and the answer was on its way. */
const agreeing = 30_000;

function clocks({ signedAt, answeredAt, now }: Replay): string {
  if (!answeredAt) return "";
  const signed = signedAt ? `${signedAt.toISOString()} is ${apart(signedAt, answeredAt)} STS's time. ` : "";
  const here =
    Math.abs(now.getTime() - answeredAt.getTime()) < agreeing
      ? "This machine's clock agrees with STS's."
      : `This machine's clock is ${apart(now, answeredAt)} STS's: set it right.`;
  return signed + here;
}

function apart(date: Date, reference: Date): string {
  const difference = date.getTime() - reference.getTime();
  return `${inWords(difference)} ${difference < 0 ? "behind" : "ahead of"}`;
}

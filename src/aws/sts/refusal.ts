/**
 * STS's refusals of a token, with a hint for each. The text of STS is printed for a few only: if a signature does not
 * match, STS can return everything that it signed.
 */
import { inWords } from "../../foundation/duration.ts";
import { type EksX509Error, errorsOf, type CodeOf } from "../../foundation/errors.ts";
import { serverWords } from "../../http/server-words.ts";
import type { Answer } from "../../http/exchange.ts";
import { stsErrorIn, type StsError } from "./answer.ts";

export interface Replay {
  clusterName: string;
  host: string;
  /** X-Amz-Date; undefined if the token has none. */
  signedAt: Date | undefined;
  /** STS's clock: the Date header of its answer. */
  answeredAt: Date | undefined;
  now: Date;
  /** The signature and the session token. */
  secrets: readonly string[];
}

interface Cause {
  /** Matched with `Code: message`. */
  text: RegExp;
  code: CodeOf<"refused", "sts">;
  why: (replay: Replay) => string;
  hint: (replay: Replay) => string;
}

export const throttling = /^(Throttl\w*|RequestLimitExceeded|TooManyRequests\w*):/;

const causes: readonly Cause[] = [
  {
    text: /^SignatureDoesNotMatch: Signature expired|^RequestExpired:/,
    code: "STS_SIGNATURE_EXPIRED",
    why: ({ signedAt }) => `the token was signed more than 15 minutes ago${at(signedAt)}`,
    hint: (replay) => `Create a new token: a token is valid for 15 minutes. ${clocks(replay)}`,
  },
  {
    text: /^SignatureDoesNotMatch: Signature not yet current/,
    code: "STS_NOT_YET_CURRENT",
    why: ({ signedAt }) => `the signing time of the token is in the future${at(signedAt)}`,
    hint: (replay) =>
      `The clock of the machine that signed the token is ahead. Correct it and create a new token. ${clocks(replay)}`,
  },
  {
    text: /^SignatureDoesNotMatch: Credential should be scoped to a valid region/,
    code: "STS_WRONG_REGION",
    why: ({ host }) => `the token was signed for a region that differs from that of ${host}`,
    hint: () => "X-Amz-Credential and the token's host must name the same region.",
  },
  {
    text: /^SignatureDoesNotMatch: (Credential should be scoped|Date in Credential scope)/,
    code: "STS_WRONG_SCOPE",
    why: () =>
      "the token's X-Amz-Credential does not have the scope DATE/REGION/sts/aws4_request of its X-Amz-Date",
    hint: () =>
      "The program that created the token has a defect, or the token was changed later. Create a new one.",
  },
  {
    text: /^SignatureDoesNotMatch:/,
    code: "STS_SIGNATURE_MISMATCH",
    why: ({ clusterName }) => `the token's signature is not valid for cluster "${clusterName}"`,
    hint: ({ clusterName }) =>
      `Most often the token was created for another cluster name: the cluster sends its own name to STS, here "${clusterName}". Names are case-sensitive and are not ARNs. Otherwise the token was changed or cut, or another secret key signed it.`,
  },
  {
    text: /^InvalidClientTokenId:/,
    code: "STS_UNKNOWN_KEY",
    why: ({ host }) => `${host} does not know the access key or the session token`,
    hint: () =>
      "Either the session was revoked, or it belongs to another partition (aws, aws-cn, aws-us-gov), or the region is not enabled in the account, or the session token was cut. Create a new session (eks-x509 cache clear) and a new token.",
  },
  {
    text: /^ExpiredToken(Exception)?:/,
    code: "STS_SESSION_EXPIRED",
    why: () => "the session that signed the token has expired",
    hint: () => "Create a new session and a new token: a token is not valid after its session ends.",
  },
  {
    text: throttling,
    code: "STS_THROTTLED",
    why: () => "too many calls from this account and region",
    hint: () => "Wait a little. The cluster's authenticator has the same limit and answers 401 until then.",
  },
  {
    text: /^RegionDisabledException:/,
    code: "STS_REGION_DISABLED",
    why: ({ host }) => `STS is not active in the region of ${host} for this account`,
    hint: () =>
      "Activate STS for the region in the account's settings (IAM, Security Token Service), or create the token for another region.",
  },
  {
    text: /^AccessDenied(Exception)?:/,
    code: "STS_ACCESS_DENIED",
    why: () => "access denied",
    hint: () =>
      "No IAM policy can deny GetCallerIdentity, but the policy of a VPC endpoint for STS can. Check the endpoints between this machine and STS. The cluster calls STS from its own network.",
  },
  {
    text: /^(IncompleteSignature|Missing\w+|InvalidParameter\w*|InvalidAction|InvalidQueryParameter):/,
    code: "STS_REQUEST_INCOMPLETE",
    why: () => "the token's URL is not a complete, signed GetCallerIdentity request",
    hint: () =>
      "The program that created the token has a defect, or the token was cut or changed. Create a new one.",
  },
];

const unknownCause: Omit<Cause, "text"> = {
  code: "STS_REFUSED",
  why: () => "for a reason that eks-x509 does not know",
  hint: () =>
    "The cluster's authenticator gets the same answer. Look up the code in the common errors of STS.",
};

/** Refusals whose text is not known to repeat the request and says more than the code. */
const quotable = new Set(["STS_ACCESS_DENIED", "STS_REQUEST_INCOMPLETE", "STS_REFUSED"]);

export function stsRefusal({ code, message }: StsError, replay: Replay): EksX509Error {
  const cause = causes.find(({ text }) => text.test(`${code}: ${message}`)) ?? unknownCause;
  const words = quotable.has(cause.code) ? serverWords(message, replay.secrets) : "";
  const why = `${cause.why(replay)} (${code}${words && `: ${words}`})`;
  return errorsOf("refused", "sts")(cause.code, `STS refused the token: ${why}`, cause.hint(replay).trim());
}

export function isStsThrottling(answer: Answer): boolean {
  const error = stsErrorIn(answer);
  return answer.status === 429 || (error !== undefined && throttling.test(`${error.code}:`));
}

function at(date: Date | undefined): string {
  return date ? `, at ${date.toISOString()}` : "";
}

/** A smaller difference counts as none: a Date header has whole seconds, and the answer needs time. */
const agreeing = 30_000;

function clocks({ signedAt, answeredAt, now }: Replay): string {
  if (!answeredAt) return "";
  const signed = signedAt ? `${signedAt.toISOString()} is ${apart(signedAt, answeredAt)} STS's time. ` : "";
  const here =
    Math.abs(now.getTime() - answeredAt.getTime()) < agreeing
      ? "This machine's clock agrees with STS's."
      : `This machine's clock is ${apart(now, answeredAt)} STS's clock. Correct it.`;
  return signed + here;
}

function apart(date: Date, reference: Date): string {
  const difference = date.getTime() - reference.getTime();
  return `${inWords(difference)} ${difference < 0 ? "behind" : "ahead of"}`;
}

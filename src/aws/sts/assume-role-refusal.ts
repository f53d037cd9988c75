/**
 * STS's refusals of AssumeRole, with a hint for each. STS API reference, AssumeRole, "Errors"; IAM user guide, "Troubleshoot IAM
 * roles" and "Troubleshoot access denied error messages".
 */
import { type CodeOf, type EksX509Error, errorsOf } from "../../foundation/errors.ts";
import type { Answer } from "../../http/exchange.ts";
import { serverWords } from "../../http/server-words.ts";
import type { RoleArn } from "../arn.ts";
import { clockSkew, requestIdHint } from "../json-errors.ts";
import type { StsError } from "./answer.ts";
import { throttling } from "./refusal.ts";

export interface Circumstances {
  role: RoleArn;
  externalId: string | undefined;
  seconds: number;
  /** The ARN of the first session. */
  caller: string;
  answer: Answer;
  now: Date;
  /** What the request contained. */
  secrets: readonly string[];
}

interface Cause {
  /** Matched with `Code: message`. */
  text: RegExp;
  code: CodeOf<"refused", "assume-role">;
  hint: (circumstances: Circumstances) => string;
}

/** `arn:aws:sts::1:assumed-role/NAME/SESSION` → `NAME`. */
function callerRole({ caller }: Circumstances): string {
  return caller.split("/")[1] ?? caller;
}

function externalIdHint({ externalId }: Circumstances): string {
  return externalId === undefined
    ? "If it requires an sts:ExternalId, give --external-id."
    : "Its sts:ExternalId must be the one of --external-id.";
}

const causes: readonly Cause[] = [
  {
    text: /^AccessDenied(Exception)?:.*with an explicit deny/,
    code: "ASSUME_ROLE_EXPLICIT_DENY",
    hint: (circumstances) =>
      `A policy of the kind that the message names denies it. Ask the administrator of that policy to exempt role ${callerRole(circumstances)}.`,
  },
  {
    text: /^AccessDenied(Exception)?:.*sts:SetSourceIdentity/,
    code: "ASSUME_ROLE_SOURCE_IDENTITY",
    hint: (circumstances) =>
      `Roles Anywhere sets a source identity, which stays with the session. So both the policy of role ${callerRole(circumstances)} and the trust policy of role ${circumstances.role.name} must allow sts:SetSourceIdentity beside sts:AssumeRole.`,
  },
  {
    text: /^AccessDenied(Exception)?:.*sts:TagSession/,
    code: "ASSUME_ROLE_TAG_SESSION",
    hint: (circumstances) =>
      `The first session has transitive tags. Both the policy of role ${callerRole(circumstances)} and the trust policy of role ${circumstances.role.name} must allow sts:TagSession beside sts:AssumeRole.`,
  },
  {
    text: /^AccessDenied(Exception)?:/,
    code: "ASSUME_ROLE_DENIED",
    hint: (circumstances) =>
      `Check that ${circumstances.role.text} exists, that a policy of role ${callerRole(circumstances)} allows sts:AssumeRole on it, and that its trust policy allows sts:AssumeRole to that role. ${externalIdHint(circumstances)} STS does not report which of them is missing.`,
  },
  {
    text: /^ValidationError:.*(MaxSessionDuration|session limit)/,
    code: "ASSUME_ROLE_DURATION",
    hint: ({ role, seconds }) =>
      `${seconds} seconds were requested. Use a shorter --session-duration, or raise the maximum session duration of role ${role.name}.`,
  },
  {
    text: /^(ValidationError|InvalidParameter\w*|Missing\w+|MalformedInput):/,
    code: "ASSUME_ROLE_VALIDATION",
    hint: () => "Compare --assume-role-arn, --external-id and --assume-role-session-name with the message.",
  },
  {
    text: /^PackedPolicyTooLarge(Exception)?:/,
    code: "ASSUME_ROLE_TAGS_TOO_LARGE",
    hint: () =>
      "The tags of the first session are too large together. Use a certificate with fewer or shorter names, or map fewer attributes in the Roles Anywhere profile.",
  },
  {
    text: /^RegionDisabledException:/,
    code: "ASSUME_ROLE_REGION_DISABLED",
    hint: ({ role }) =>
      `Activate STS for the trust anchor's region in account ${role.account} and in the account of the first role (IAM, account settings).`,
  },
  {
    text: /^ExpiredToken(Exception)?:/,
    code: "ASSUME_ROLE_SESSION_EXPIRED",
    hint: () => "The first session has ended. Check this machine's clock, and try again.",
  },
  {
    text: /^(InvalidClientTokenId|UnrecognizedClientException):/,
    code: "ASSUME_ROLE_SESSION_UNKNOWN",
    hint: () =>
      "STS does not know the first session: it was revoked, or the endpoint belongs to another partition. Remove it (eks-x509 cache clear) and check AWS_ENDPOINT_URL_STS.",
  },
  {
    text: /^(SignatureDoesNotMatch|RequestExpired|IncompleteSignature\w*):/,
    code: "ASSUME_ROLE_SIGNATURE",
    hint: () =>
      "If this machine's clock is right, something between this machine and AWS changed the request. Check the proxy and AWS_ENDPOINT_URL_STS.",
  },
  {
    text: throttling,
    code: "ASSUME_ROLE_THROTTLED",
    hint: () => "Wait a little, and start fewer runs at the same time.",
  },
];

const unknownCause: Omit<Cause, "text"> = {
  code: "ASSUME_ROLE_REFUSED",
  hint: () => "Look up the code in the common errors of STS.",
};

export function assumeRoleRefusal({ code, message }: StsError, circumstances: Circumstances): EksX509Error {
  const { answer, now, secrets, role } = circumstances;
  const text = `${code}: ${message}`;
  const cause = causes.find((each) => each.text.test(text)) ?? unknownCause;
  const skew = cause.code === "ASSUME_ROLE_SIGNATURE" ? clockSkew(answer.headers, now) : undefined;
  // STS can return everything that it signed.
  const words = cause.code === "ASSUME_ROLE_SIGNATURE" ? "" : serverWords(message, secrets);
  return errorsOf("refused", "assume-role")(
    skew ? "ASSUME_ROLE_CLOCK_SKEW" : cause.code,
    `STS refused the role ${role.text}: ${code}${words && `: ${words}`}`,
    (skew ?? cause.hint(circumstances)) + requestIdHint(answer.headers, secrets),
  );
}

/**
 * Roles Anywhere's refusals, with a hint for each. The codes are stable and belong to eks-x509. The texts are those that
 * the service is known to send (user guide, "Troubleshooting", and clients' issue trackers).
 */
import { EksX509Error, type CodeOf } from "../foundation/errors.ts";
import { serverWords } from "../http/server-words.ts";
import { clockSkew, messageOf, refusalType, requestIdHint, throttling } from "../aws/json-errors.ts";
import type { Answer } from "../http/exchange.ts";
import type { SessionParameters } from "./session.ts";

interface Cause {
  /** Matched with `ErrorType: message`. */
  text: RegExp;
  code: CodeOf<"refused", "create-session">;
  hint: (parameters: SessionParameters) => string;
}

const causes: readonly Cause[] = [
  {
    text: /Insufficient certificate/,
    code: "REFUSED_KEY_USAGE",
    hint: () =>
      "The certificate must be of version 3, not that of a CA, and have the keyUsage digitalSignature; an RSA key needs 2048 bits. eks-x509 cert inspect FILE reports what is wrong. Ask your CA for such a certificate.",
  },
  {
    text: /Untrusted (signing )?certificate/,
    code: "REFUSED_UNTRUSTED_CERTIFICATE",
    hint: ({ trustAnchor }) =>
      `Either trust anchor ${trustAnchor.text} does not trust the certificate, or the certificate or one of its intermediates is revoked. Check that it is the right trust anchor, that it contains the CA that issued the certificate, and that no intermediate is missing (--intermediates). With the CA's revocation list in a file, eks-x509 token debug --crl FILE reports whether it revokes one of them.`,
  },
  {
    text: /MaxSessionDuration/,
    code: "REFUSED_DURATION",
    hint: ({ role, durationSeconds }) =>
      `--session-duration is ${durationSeconds} seconds, more than role ${role.name} allows. Use a shorter one, or raise the role's maximum session duration.`,
  },
  {
    text: /Unable to assume role.*failed to be mapped/s,
    code: "REFUSED_ROLE_TRUST_POLICY",
    hint: ({ role }) =>
      `Roles Anywhere makes no session tags of the attributes that the message names, for example because STS does not accept their values. Change the conditions of role ${role.name}'s trust policy that require them, or use a certificate with other values. With the policy in a file, eks-x509 token debug --trust-policy FILE reports what does not match.`,
  },
  {
    text: /Unable to assume role/,
    code: "REFUSED_ROLE_TRUST_POLICY",
    hint: ({ role }) =>
      `Check that role ${role.name} exists, and its trust policy. The policy must allow sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity to rolesanywhere.amazonaws.com, and its conditions must match the certificate and the trust anchor. With the policy in a file, eks-x509 token debug --trust-policy FILE reports what does not match.`,
  },
  {
    text: /Not authorized to set roleSessionName/,
    code: "REFUSED_SESSION_NAME",
    hint: ({ profile }) =>
      `Profile ${profile.text} does not accept a session name. Omit --role-session-name, or set acceptRoleSessionName on the profile.`,
  },
  {
    text: /Specified Trust Anchor wasn't found/,
    code: "REFUSED_TRUST_ANCHOR",
    hint: ({ trustAnchor }) =>
      `--trust-anchor-arn ${trustAnchor.text} does not exist, or is disabled, in region ${trustAnchor.region.name}.`,
  },
  {
    text: /Invalid or empty profile/,
    code: "REFUSED_PROFILE",
    hint: ({ profile }) => `--profile-arn ${profile.text} does not exist, is disabled, or lists no role.`,
  },
  {
    text: /isn't one of those listed in the Profile/,
    code: "REFUSED_ROLE_NOT_IN_PROFILE",
    hint: ({ role, profile }) =>
      `Add role ${role.text} to profile ${profile.text}, or use a role that it lists. The profile lists the complete ARN, with the role's path.`,
  },
  {
    text: /Invalid signature|Signature expired|Signature not yet current/i,
    code: "REFUSED_SIGNATURE",
    hint: () =>
      "If this machine's clock is right, something between this machine and AWS changed the request. Check the proxy and --endpoint.",
  },
  {
    text: throttling,
    code: "REFUSED_THROTTLED",
    hint: () =>
      "Roles Anywhere allows 10 sessions a second for an account and region. Wait a little, and start fewer runs at the same time.",
  },
  {
    text: /^ValidationException/,
    code: "REFUSED_VALIDATION",
    hint: () => "Compare the ARNs, --session-duration and --role-session-name with the message.",
  },
  {
    text: /^ResourceNotFoundException/,
    code: "REFUSED_NOT_FOUND",
    hint: ({ trustAnchor }) =>
      `Check that the trust anchor, the profile and the role exist in ${trustAnchor.region.name}.`,
  },
];

const unknownCause: Omit<Cause, "text"> = {
  code: "REFUSED_OTHER",
  hint: () => "Compare the ARNs and options with the trust anchor, the profile and the role in AWS.",
};

/**
 * Describes a 4xx answer.
 * @param now compared with the answer's Date header
 * @param signatures those of the requests. A text that repeats one is not printed
 */
export function refusal(
  answer: Answer,
  parameters: SessionParameters,
  now: Date,
  signatures: readonly string[] = [],
): EksX509Error {
  const text =
    [refusalType(answer), messageOf(answer.body)].filter(Boolean).join(": ") || `HTTP ${answer.status}`;
  const cause = causes.find((candidate) => candidate.text.test(text)) ?? unknownCause;
  const skew = cause.code === "REFUSED_SIGNATURE" ? clockSkew(answer.headers, now) : undefined;
  return new EksX509Error({
    category: "refused",
    hop: "create-session",
    code: skew ? "REFUSED_CLOCK_SKEW" : cause.code,
    message: `Roles Anywhere refused: ${serverWords(text, signatures) || `HTTP ${answer.status}`}`,
    hint: (skew ?? cause.hint(parameters)) + requestIdHint(answer.headers, signatures),
  });
}

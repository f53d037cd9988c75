/**
 * Roles Anywhere's refusals, turned into what to look at. Codes are ours and stable; the texts that tell them apart
 * are those that the service is known to send (user guide, "Troubleshooting", and clients' issue trackers).
 */
import { inWords } from "../foundation/duration.ts";
import { EksX509Error, type CodeOf } from "../foundation/errors.ts";
import { serverWords } from "../http/server-words.ts";
import { isObject, parseJson } from "../foundation/json.ts";
import type { SessionParameters } from "./create-session-request.ts";

export interface Refusal {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

interface Cause {
  /** Looked for in `ErrorType: message`. */
  text: RegExp;
  code: CodeOf<"refused", "create-session">;
  hint: (parameters: SessionParameters) => string;
}

const throttling = /^(Throttl\w*|TooManyRequestsException|RequestLimitExceeded|HTTP 429)/;

const causes: readonly Cause[] = [
  {
    text: /Insufficient certificate/,
    code: "REFUSED_KEY_USAGE",
    hint: () => "The certificate's keyUsage must hold digitalSignature. Ask your CA for such a certificate.",
  },
  {
    text: /Untrusted (signing )?certificate/,
    code: "REFUSED_UNTRUSTED_CERTIFICATE",
    hint: ({ trustAnchor }) =>
      `No path leads from the certificate to trust anchor ${trustAnchor.text}: check that it is the right one, that it holds the CA that issued the certificate, that no intermediate is missing (--intermediates), and that the certificate is not revoked.`,
  },
  {
    text: /MaxSessionDuration/,
    code: "REFUSED_DURATION",
    hint: ({ role, durationSeconds }) =>
      `--session-duration is ${durationSeconds} seconds, more than role ${role.name} allows. Ask for less, or raise the role's maximum session duration.`,
  },
  {
    text: /Unable to assume role/,
    code: "REFUSED_ROLE_TRUST_POLICY",
    hint: ({ role }) =>
      `Look at the trust policy of role ${role.name}: it must let rolesanywhere.amazonaws.com do sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity, and its conditions must fit the certificate and the trust anchor.`,
  },
  {
    text: /Not authorized to set roleSessionName/,
    code: "REFUSED_SESSION_NAME",
    hint: ({ profile }) =>
      `Profile ${profile.text} does not accept a session name. Leave out --role-session-name, or set acceptRoleSessionName on the profile.`,
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
      `Add role ${role.text} to profile ${profile.text}, or give one that it lists: the whole ARN counts, with the role's path.`,
  },
  {
    text: /Invalid signature|Signature expired|Signature not yet current/i,
    code: "REFUSED_SIGNATURE",
    hint: () =>
      "If this machine's clock is right, something on the way changed the request: look at the proxy and at --endpoint.",
  },
  {
    text: throttling,
    code: "REFUSED_THROTTLED",
    hint: () =>
      "Roles Anywhere grants 10 sessions a second to an account and region. Wait a little, and spread the runs.",
  },
  {
    text: /^ValidationException/,
    code: "REFUSED_VALIDATION",
    hint: () => "Compare the ARNs, --session-duration and --role-session-name with what the message says.",
  },
  {
    text: /^ResourceNotFoundException/,
    code: "REFUSED_NOT_FOUND",
    hint: ({ trustAnchor }) =>
      `Look whether the trust anchor, the profile and the role exist in ${trustAnchor.region.name}.`,
  },
];

const unknownCause: Omit<Cause, "text"> = {
  code: "REFUSED_OTHER",
  hint: () => "Compare the ARNs and options with the trust anchor, the profile and the role in AWS.",
};

/**
 * What to say of a 4xx answer.
 * @param now compared with the answer's Date header
 * @param signatures those of the requests: a server that repeats one is not repeated
 */
export function refusal(
  answer: Refusal,
  parameters: SessionParameters,
  now: Date,
  signatures: readonly string[] = [],
): EksX509Error {
  const text =
    [errorTypeOf(answer), messageOf(answer.body)].filter(Boolean).join(": ") || `HTTP ${answer.status}`;
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

/** What AWS's support asks for; empty when the answer has none, else with a space before it. */
export function requestIdHint(headers: Refusal["headers"], secrets: readonly string[] = []): string {
  const requestId = serverWords(headers["x-amzn-requestid"]?.slice(0, 100) ?? "", secrets);
  return requestId ? ` AWS's request id: ${requestId}.` : "";
}

/** Whether to try again a little later. */
export function isThrottling(answer: Refusal): boolean {
  return answer.status === 429 || throttling.test(errorTypeOf(answer));
}

/** Whether AWS may have said it, and not a proxy or some other server with a page of its own. */
export function isRefusal(answer: Refusal): boolean {
  if (answer.status < 400 || answer.status >= 500) return false;
  return isThrottling(answer) || errorTypeOf(answer) !== "" || messageOf(answer.body) !== "";
}

/**
 * The error's code, from the header or the body; `AccessDeniedException:http://…` is cut at the colon. Codes are short,
 * and the expression takes time that grows with the square of the length.
 */
export function errorTypeOf({ headers, body }: Refusal): string {
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
export function clockSkew(headers: Refusal["headers"], now: Date): string | undefined {
  const skew = now.getTime() - Date.parse(headers["date"] ?? "");
  if (Number.isNaN(skew) || Math.abs(skew) < toleratedSkew) return undefined;
  return `This machine's clock is ${inWords(skew)} ${skew > 0 ? "ahead of" : "behind"} AWS's. Set it right: requests signed at the wrong time are refused.`;
}

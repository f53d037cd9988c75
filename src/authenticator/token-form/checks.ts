/** The verifier's checks before it calls STS, in its order. (aws-iam-authenticator, pkg/token, Verify) */
import type { CodeOf } from "../../foundation/errors.ts";
import { judgeHost, type VerifierPlace } from "../sts-hosts.ts";
import { characters, knownNames, type Parameter, valueOf } from "./query.ts";
import { shown, shownHost, shownName } from "./shown.ts";
import { dateProblem, longestToken, tokenPrefix, type TokenReading, validUntil } from "./token-text.ts";

/** The cluster's partition and region; if undefined, those in the token. */
export interface FormContext extends VerifierPlace {
  now: Date;
}

type Code = Exclude<CodeOf<"refused", "token">, "TOKEN_CUT_OFF">;

/** The code of the fault, and the texts for the placeholders in its words. Undefined if the check succeeds. */
type Finding = Code | readonly [Code, ...found: string[]] | undefined;

function checkPrefix({ text }: TokenReading): Finding {
  if (text.startsWith(tokenPrefix)) return undefined;
  if (text === "") return "TOKEN_EMPTY";
  return /^eyJ[\w-]*\.[\w-]*\./.test(text) ? "TOKEN_IS_JWT" : "TOKEN_PREFIX_MISSING";
}

function checkScheme({ url: { scheme } }: TokenReading): Finding {
  if (scheme === "https") return undefined;
  const named = /^(?:http|ws|wss|ftp|file)$/.test(scheme) ? `scheme ${scheme}` : "another scheme";
  return ["TOKEN_SCHEME_REFUSED", scheme === "" ? "no scheme" : named];
}

/** The host must belong to STS and to the verifier's partition, letter by letter. */
function checkHost({ url: { host } }: TokenReading, place: VerifierPlace): Finding {
  const verdict = judgeHost(host, place);
  return typeof verdict === "string" ? [verdict, shownHost(host), place.partition?.name ?? "aws"] : undefined;
}

function checkPath({ url: { path } }: TokenReading): Finding {
  if (path === "/") return undefined;
  return path === "" ? "TOKEN_PATH_MISSING" : "TOKEN_PATH_REFUSED";
}

/**
 * Names that differ only in case are refused first. Then unknown names and repeated names are refused, in no order. A
 * name that is both is reported as unknown.
 */
function checkOnce({ query: { parameters } }: TokenReading): Finding {
  const spellings = new Map<string, string>();
  const isRepeated = ({ name, lowerName }: Parameter): boolean => {
    const earlier = spellings.get(lowerName);
    spellings.set(lowerName, earlier ?? name);
    return earlier !== undefined && (earlier !== name || knownNames.has(lowerName));
  };
  const repeated = parameters.find(isRepeated);
  return repeated && ["TOKEN_PARAMETER_REPEATED", shownName(repeated.name)];
}

function checkKnown({ query: { parameters } }: TokenReading): Finding {
  const unknown = parameters.find(({ lowerName }) => !knownNames.has(lowerName));
  if (unknown?.lowerName === "x-k8s-aws-id") return "TOKEN_CLUSTER_HEADER_IN_QUERY";
  return unknown && ["TOKEN_PARAMETER_UNKNOWN", shownName(unknown.name)];
}

function checkAction({ query }: TokenReading): Finding {
  const action = valueOf(query, "action");
  if (action === "GetCallerIdentity") return undefined;
  return action === "" ? "TOKEN_ACTION_MISSING" : ["TOKEN_ACTION_REFUSED", shown("action", action)];
}

function checkClusterHeader({ query }: TokenReading): Finding {
  if (isClusterHeaderSigned(query)) return undefined;
  const isMissing = valueOf(query, "x-amz-signedheaders") === "";
  return isMissing ? "TOKEN_SIGNED_HEADERS_MISSING" : "TOKEN_CLUSTER_HEADER_UNSIGNED";
}

/** Compares as Go's strings.EqualFold does: by Unicode's simple case folding, which the flags iu request. */
export function isClusterHeaderSigned(query: TokenReading["query"]): boolean {
  const names = valueOf(query, "x-amz-signedheaders").split(";");
  return names.some((name) => /^x-k8s-aws-id$/iu.test(characters(name).join("")));
}

/** As Go's strconv.Atoi reads it, a sign and leading zeros are allowed. Too large a number is out of range in both. */
function checkExpires({ query }: TokenReading): Finding {
  const text = valueOf(query, "x-amz-expires");
  if (text === "") return "TOKEN_EXPIRES_MISSING";
  if (!/^[+-]?[0-9]+$/.test(text)) return ["TOKEN_EXPIRES_MALFORMED", shown("number", text)];
  const isInRange = Number(text) >= 0 && Number(text) <= 900;
  return isInRange ? undefined : ["TOKEN_EXPIRES_OUT_OF_RANGE", shown("number", text)];
}

function checkDate({ query }: TokenReading): Finding {
  const text = valueOf(query, "x-amz-date");
  if (text === "") return "TOKEN_DATE_MISSING";
  const problem = dateProblem(text);
  return problem && [problem, shown("date", text)];
}

function checkAge({ signedAt }: TokenReading, { now }: FormContext): Finding {
  const end = signedAt && validUntil(signedAt);
  return end && now > end ? ["TOKEN_EXPIRED", end.toISOString(), now.toISOString()] : undefined;
}

export const checks = [
  ["length", ({ length }) => (length > longestToken ? ["TOKEN_TOO_LONG", `${length}`] : undefined)],
  ["prefix", checkPrefix],
  ["base64url", ({ encodingProblem }) => encodingProblem],
  ["url", ({ url: { problem } }) => problem && ["TOKEN_URL_MALFORMED", problem]],
  ["scheme", checkScheme],
  ["host", checkHost],
  ["path", checkPath],
  ["query", ({ query: { problem } }) => problem && ["TOKEN_QUERY_MALFORMED", problem]],
  ["parameters-once", checkOnce],
  ["parameters-known", checkKnown],
  ["action", checkAction],
  ["cluster-header", checkClusterHeader],
  ["expires", checkExpires],
  ["date", checkDate],
  ["age", checkAge],
] as const satisfies readonly (readonly [
  string,
  (reading: TokenReading, context: FormContext) => Finding | "",
])[];

const action = "Presign GetCallerIdentity, in this spelling. The authenticator accepts no other action.";
const header = "Presign with the header x-k8s-aws-id: {cluster name}. It binds the token to one cluster.";
const expires =
  "Presign with X-Amz-Expires=60. STS ignores the number, and the authenticator requires 0 to 900.";
const date = "Write the date as 20261122T155836Z, in UTC and without separators between the digits.";
const sign = "Sign for sts.{region} of the cluster's own region.";

/** Each %s stands for what the check found. */
export const words: Readonly<Record<Code, readonly [why: string, hint: string]>> = {
  TOKEN_TOO_LONG: [
    `the token has %s bytes, and the authenticator accepts at most ${longestToken}`,
    "The session token takes most of the space, because it contains the certificate's attributes as session tags. Use a certificate with fewer or shorter names, map fewer attributes in the Roles Anywhere profile, or attach a smaller session policy.",
  ],
  TOKEN_EMPTY: [
    "the token is empty",
    "Pass the token, or - to read it from stdin. Without an argument, the command follows the kubeconfig.",
  ],
  TOKEN_IS_JWT: [
    "this is a JSON web token of a service account or an OpenID Connect provider, not a token of AWS",
    "The cluster checks such a token by issuer, audience and expiry. Check that the kubeconfig's user is the intended one.",
  ],
  TOKEN_PREFIX_MISSING: [
    `the token does not begin with ${tokenPrefix}`,
    "Pass the complete token from the credential plugin, including its first character.",
  ],
  TOKEN_BASE64_PADDED: [
    "the base64 has = signs, which the authenticator refuses",
    "Encode without padding, or remove the = signs at the end.",
  ],
  TOKEN_BASE64_ALPHABET: [
    "the base64 has + or /, and the authenticator requires - and _ instead",
    "Encode with the URL-safe alphabet (base64url).",
  ],
  TOKEN_BASE64_WHITE_SPACE: [
    "the token contains white space",
    "Copy the token from one unwrapped line. A terminal or a mail program that wraps lines adds white space.",
  ],
  TOKEN_BASE64_CHARACTER: [
    "the token contains a character that is not in base64url",
    "Copy the token again, without quotes, commas or other text around it.",
  ],
  TOKEN_BASE64_CUT_OFF: [
    "the base64 has an impossible length, so the end or another part is missing",
    "Copy the complete token.",
  ],
  TOKEN_URL_MALFORMED: [
    "the token does not encode a URL: its content %s",
    "Copy the token again. If the tool prints this token, the tool does not encode a presigned STS URL.",
  ],
  TOKEN_SCHEME_REFUSED: [
    "the URL has %s, and the authenticator accepts only https",
    "Sign for the https endpoint. If AWS_ENDPOINT_URL_STS is an http URL, the plugin must still sign for STS's own address.",
  ],
  TOKEN_HOST_MISSING: ["the URL has no host", sign],
  TOKEN_HOST_UNKNOWN: [
    "the URL's host %s is not a host of STS in any partition",
    `${sign} If somebody else gave you this token, do not call its host. This program does not call it.`,
  ],
  TOKEN_HOST_PORT: [
    "the URL's host %s has a port, which the authenticator does not accept",
    "Sign for the host without a port, also without :443.",
  ],
  TOKEN_HOST_SPELLING: [
    "the URL's host %s is a host of STS in another spelling, and the authenticator compares letter by letter",
    "Write the host in lower case and without a dot at its end.",
  ],
  TOKEN_HOST_GOV_FIPS: [
    "the URL's host %s is not an endpoint for the authenticator: in GovCloud the plain name is the FIPS one",
    "Sign for sts.{region}.amazonaws.com: upgrade the SDK, or unset AWS_USE_FIPS_ENDPOINT.",
  ],
  TOKEN_HOST_ISO_DUAL_STACK: [
    "the URL's host %s is dual-stack, which the authenticator does not accept in the isolated partitions",
    "Sign for the plain host: unset AWS_USE_DUALSTACK_ENDPOINT.",
  ],
  TOKEN_HOST_PSEUDO_REGION: ["the URL's host %s contains a pseudo region and is not an endpoint", sign],
  TOKEN_HOST_OTHER_PARTITION: [
    "the URL's host %s is a host of STS, but not for a cluster in partition %s",
    "Sign with the cluster's region and with credentials of the cluster's partition, because partitions do not share credentials. Outside the partition aws, sign for a regional endpoint, not for the global one.",
  ],
  TOKEN_PATH_MISSING: [
    "the URL has no path: its query follows the host",
    "The URL must read https://{host}/?Action=…, with the slash.",
  ],
  TOKEN_PATH_REFUSED: [
    "the URL's path is not /",
    "The URL must read https://{host}/?Action=…, with one slash. A path comes from an endpoint URL that has one, or from a doubled slash.",
  ],
  TOKEN_QUERY_MALFORMED: [
    "the URL's query cannot be read: it %s",
    "Percent-encode every value, semicolons included: SignedHeaders reads host%3Bx-k8s-aws-id.",
  ],
  TOKEN_PARAMETER_REPEATED: [
    "the URL has the parameter %s more than once, in the same or in another case",
    "Sign again with every parameter once. A proxy or script that adds parameters to a signed URL also breaks the signature.",
  ],
  TOKEN_PARAMETER_UNKNOWN: [
    "the URL has the parameter %s, which the authenticator does not accept",
    "An SDK upgrade that adds a query parameter (X-Amz-User-Agent did) makes every cluster refuse its tokens. Sign without it, or use a tool that does.",
  ],
  TOKEN_CLUSTER_HEADER_IN_QUERY: [
    "the URL has x-k8s-aws-id as a parameter instead of a signed header",
    "The presigner moved the header into the query. Disable this (unhoistableHeaders in the JavaScript SDK).",
  ],
  TOKEN_ACTION_MISSING: ["the URL has no Action", action],
  TOKEN_ACTION_REFUSED: ["the URL's Action is %s", action],
  TOKEN_SIGNED_HEADERS_MISSING: [
    "the URL has no list of signed headers",
    `${header} X-Amz-SignedHeaders then names it.`,
  ],
  TOKEN_CLUSTER_HEADER_UNSIGNED: [
    "x-k8s-aws-id is not a signed header, so the URL is not bound to a cluster",
    header,
  ],
  TOKEN_EXPIRES_MISSING: ["the URL has no X-Amz-Expires", expires],
  TOKEN_EXPIRES_MALFORMED: ["X-Amz-Expires is %s, which is not a whole number", expires],
  TOKEN_EXPIRES_OUT_OF_RANGE: ["X-Amz-Expires is %s seconds", expires],
  TOKEN_DATE_MISSING: [
    "the URL has no X-Amz-Date",
    "Presign with Signature Version 4 in the query, which adds the date.",
  ],
  TOKEN_DATE_MALFORMED: ["X-Amz-Date is %s, which does not have the form of a date", date],
  TOKEN_DATE_IMPOSSIBLE: ["X-Amz-Date is %s, a date or time that does not exist", date],
  TOKEN_EXPIRED: [
    "the token was valid until %s, 15 minutes after its signing, and now it is %s",
    "Sign a new token. If this token is new, the clock of the machine that signed it is slow: correct it with NTP. If kubectl continues to send old tokens, the plugin or its cache returns an expirationTimestamp that is too late.",
  ],
};

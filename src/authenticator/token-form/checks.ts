/** The checks by name, and the result of one check. */
import type { CodeOf } from "../../foundation/errors.ts";
import { type Base64Problem, tokenPrefix, type TokenReading } from "./token-reading.ts";
import { judgeHost, type HostProblem, type VerifierPlace } from "../sts-hosts.ts";
import { harmlessHost, shownOr } from "./shown.ts";

/** The verifier's checks before it calls STS, in its order (aws-iam-authenticator, pkg/token, Verify). */
export const tokenCheckNames = [
  "length",
  "prefix",
  "base64url",
  "url",
  "scheme",
  "host",
  "path",
  "query",
  "parameters-once",
  "parameters-known",
  "action",
  "cluster-header",
  "expires",
  "date",
  "age",
] as const;

export type TokenCheckName = (typeof tokenCheckNames)[number];

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

/** A string is the finding of a passed check. */
export type Finding = string | Fault;

export interface Fault {
  code: CodeOf<"refused", "token">;
  why: string;
  hint: string;
}

// The checks before the URL: length, prefix, encoding.

/** aws-iam-authenticator, pkg/token, maxTokenLenBytes: refuses a longer token before it reads it. */
const longestToken = 4096;

export function checkLength({ length }: TokenReading): Finding {
  if (length <= longestToken) return `${length} bytes, of ${longestToken} at most`;
  return {
    code: "TOKEN_TOO_LONG",
    why: `the token has ${length} bytes, and the verifier reads ${longestToken} at most`,
    hint: "The session token takes the room: certificate attributes and session tags swell it. Have a certificate issued with fewer or shorter names, map fewer attributes in the Roles Anywhere profile, or attach a smaller session policy.",
  };
}

export function checkPrefix({ text }: TokenReading): Finding {
  if (text.startsWith(tokenPrefix)) return `begins with ${tokenPrefix}`;
  if (text === "")
    return {
      code: "TOKEN_EMPTY",
      why: "the token is empty",
      hint: "Pass the token, - to read it from stdin, or nothing at all to have the kubeconfig's own way to a token walked.",
    };
  if (/^eyJ[\w-]*\.[\w-]*\./.test(text))
    return {
      code: "TOKEN_IS_JWT",
      why: "this is a JSON web token, of a service account or an OpenID Connect provider, and none of AWS",
      hint: "The cluster judges it by other rules: issuer, audience and expiry. Check that the kubeconfig's user is the one that you mean.",
    };
  return {
    code: "TOKEN_PREFIX_MISSING",
    why: `the token does not begin with ${tokenPrefix}`,
    hint: "Pass the token as the credential plugin printed it, from its first character on.",
  };
}

export function checkEncoding({ encodingProblem, length }: TokenReading): Finding {
  return encodingProblem === undefined
    ? `${length - tokenPrefix.length} characters of base64url`
    : encodingFaults[encodingProblem];
}

const encodingFaults: Readonly<Record<Base64Problem, Fault>> = {
  padding: {
    code: "TOKEN_BASE64_PADDED",
    why: "the base64 has = signs, and the verifier takes none",
    hint: "Encode without padding, or cut the = signs off the end.",
  },
  "standard-alphabet": {
    code: "TOKEN_BASE64_ALPHABET",
    why: "the base64 has + or /, and the verifier takes - and _ in their place",
    hint: "Encode with the URL-safe alphabet (base64url).",
  },
  "white-space": {
    code: "TOKEN_BASE64_WHITE_SPACE",
    why: "there is white space inside the token",
    hint: "Copy the token from one unwrapped line: blanks come from a terminal or a mail that broke the line.",
  },
  "foreign-character": {
    code: "TOKEN_BASE64_CHARACTER",
    why: "the token has a character that base64url has not",
    hint: "Copy the token again, without quotes, commas or whatever stood around it.",
  },
  "cut-off": {
    code: "TOKEN_BASE64_CUT_OFF",
    why: "the base64 has a length that no encoding has: the end, or a piece, is missing",
    hint: "Copy the whole token.",
  },
};

// The URL in the token, up to its query.

export function checkUrl({ url }: TokenReading): Finding {
  if (url.problem === undefined) return "encodes a URL";
  return {
    code: "TOKEN_URL_MALFORMED",
    why: `what the token encodes is no URL: it ${url.problem}`,
    hint: "Copy the token again. If it comes out of a tool like this, the tool encodes something else than a presigned STS URL.",
  };
}

export function checkScheme({ url: { scheme } }: TokenReading): Finding {
  if (scheme === "https") return "https";
  const named = /^(?:http|ws|wss|ftp|file)$/.test(scheme) ? `scheme ${scheme}` : "another scheme";
  return {
    code: "TOKEN_SCHEME_REFUSED",
    why: `the URL has ${scheme === "" ? "no scheme" : named}, and the verifier takes https alone`,
    hint: "Sign for the https endpoint. Where AWS_ENDPOINT_URL_STS leads to http, the plugin must still sign for STS's own address.",
  };
}

export function checkPath({ url: { path } }: TokenReading): Finding {
  if (path === "/") return "/";
  if (path === "")
    return {
      code: "TOKEN_PATH_MISSING",
      why: "the URL has no path: its query follows the host at once",
      hint: "The URL must read https://{host}/?Action=…, with the slash.",
    };
  return {
    code: "TOKEN_PATH_REFUSED",
    why: "the URL has another path than /",
    hint: "The URL must read https://{host}/?Action=…, with one slash. A path comes from an endpoint URL that has one, or from a doubled slash.",
  };
}

// The host must belong to STS and to the verifier's partition, letter by letter.

export function checkHost({ url: { host } }: TokenReading, place: VerifierPlace): Finding {
  const verdict = judgeHost(host, place);
  const shown = shownOr(harmlessHost(host), host);
  if (typeof verdict === "string") return hostFaults[verdict](shown, place);
  return `${shown} is STS's, in partition ${verdict.partition.name}`;
}

const sign = "Sign for sts.{region} of the cluster's own region.";

const hostFaults: Readonly<Record<HostProblem, (shown: string, place: VerifierPlace) => Fault>> = {
  missing: () => ({ code: "TOKEN_HOST_MISSING", why: "the URL has no host", hint: sign }),
  "not-sts": (shown) => ({
    code: "TOKEN_HOST_UNKNOWN",
    why: `the URL's host ${shown} is none of STS's in any partition`,
    hint: `${sign} If somebody gave you this token, mind that whoever calls its host is calling a stranger: this program does not.`,
  }),
  port: (shown) => ({
    code: "TOKEN_HOST_PORT",
    why: `the URL's host ${shown} has a port, and the verifier compares the whole of it`,
    hint: "Sign for the host without a port, not even :443.",
  }),
  spelling: (shown) => ({
    code: "TOKEN_HOST_SPELLING",
    why: `the URL's host ${shown} is STS's in other letters, and the verifier compares letter by letter`,
    hint: "Write the host in lower case, and without a dot at its end.",
  }),
  "gov-fips": (shown) => ({
    code: "TOKEN_HOST_GOV_FIPS",
    why: `the URL's host ${shown} is no endpoint that the verifier knows: in GovCloud the plain name is the FIPS one`,
    hint: "Sign for sts.{region}.amazonaws.com; upgrade the SDK, or unset AWS_USE_FIPS_ENDPOINT.",
  }),
  "iso-dual-stack": (shown) => ({
    code: "TOKEN_HOST_ISO_DUAL_STACK",
    why: `the URL's host ${shown} is dual-stack, which the verifier does not take in the isolated partitions`,
    hint: "Sign for the plain host; unset AWS_USE_DUALSTACK_ENDPOINT.",
  }),
  "no-endpoint": (shown) => ({
    code: "TOKEN_HOST_PSEUDO_REGION",
    why: `the URL's host ${shown} is made of a pseudo region, and no endpoint`,
    hint: sign,
  }),
  "other-partition": (shown, { partition }) => ({
    code: "TOKEN_HOST_OTHER_PARTITION",
    why: `the URL's host ${shown} is STS's, and no endpoint for a cluster in partition ${partition?.name ?? "aws"}`,
    hint: "Sign with the cluster's region, and with credentials of the cluster's partition: no partition knows another's. Outside the partition aws, sign for a regional endpoint, not for the global one.",
  }),
};

/** The verifier's checks before the query, each with its name. */
import type { CodeOf } from "../../foundation/errors.ts";
import { type Base64Problem, tokenPrefix, type TokenReading } from "./token-reading.ts";
import { judgeHost, type HostProblem, type VerifierPlace } from "../sts-hosts.ts";
import { shownHost } from "./shown.ts";

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

function checkLength({ length }: TokenReading): Finding {
  if (length <= longestToken) return `${length} of at most ${longestToken} bytes`;
  return {
    code: "TOKEN_TOO_LONG",
    why: `the token has ${length} bytes, and the authenticator accepts at most ${longestToken}`,
    hint: "The session token takes most of the space, because it contains the certificate's attributes as session tags. Use a certificate with fewer or shorter names, map fewer attributes in the Roles Anywhere profile, or attach a smaller session policy.",
  };
}

function checkPrefix({ text }: TokenReading): Finding {
  if (text.startsWith(tokenPrefix)) return `begins with ${tokenPrefix}`;
  if (text === "")
    return {
      code: "TOKEN_EMPTY",
      why: "the token is empty",
      hint: "Pass the token, or - to read it from stdin. Without an argument, the command follows the kubeconfig.",
    };
  if (/^eyJ[\w-]*\.[\w-]*\./.test(text))
    return {
      code: "TOKEN_IS_JWT",
      why: "this is a JSON web token of a service account or an OpenID Connect provider, not a token of AWS",
      hint: "The cluster checks such a token by issuer, audience and expiry. Check that the kubeconfig's user is the intended one.",
    };
  return {
    code: "TOKEN_PREFIX_MISSING",
    why: `the token does not begin with ${tokenPrefix}`,
    hint: "Pass the complete token from the credential plugin, including its first character.",
  };
}

function checkEncoding({ encodingProblem, length }: TokenReading): Finding {
  return encodingProblem === undefined
    ? `${length - tokenPrefix.length} characters of base64url`
    : encodingFaults[encodingProblem];
}

const encodingFaults: Readonly<Record<Base64Problem, Fault>> = {
  padding: {
    code: "TOKEN_BASE64_PADDED",
    why: "the base64 has = signs, which the authenticator refuses",
    hint: "Encode without padding, or remove the = signs at the end.",
  },
  "standard-alphabet": {
    code: "TOKEN_BASE64_ALPHABET",
    why: "the base64 has + or /, and the authenticator requires - and _ instead",
    hint: "Encode with the URL-safe alphabet (base64url).",
  },
  "white-space": {
    code: "TOKEN_BASE64_WHITE_SPACE",
    why: "the token contains white space",
    hint: "Copy the token from one unwrapped line. A terminal or a mail program that wraps lines adds white space.",
  },
  "foreign-character": {
    code: "TOKEN_BASE64_CHARACTER",
    why: "the token contains a character that is not in base64url",
    hint: "Copy the token again, without quotes, commas or other text around it.",
  },
  "cut-off": {
    code: "TOKEN_BASE64_CUT_OFF",
    why: "the base64 has an impossible length, so the end or another part is missing",
    hint: "Copy the complete token.",
  },
};

// The URL in the token, up to its query.

function checkUrl({ url }: TokenReading): Finding {
  if (url.problem === undefined) return "encodes a URL";
  return {
    code: "TOKEN_URL_MALFORMED",
    why: `the token does not encode a URL: its content ${url.problem}`,
    hint: "Copy the token again. If the tool prints this token, the tool does not encode a presigned STS URL.",
  };
}

function checkScheme({ url: { scheme } }: TokenReading): Finding {
  if (scheme === "https") return "https";
  const named = /^(?:http|ws|wss|ftp|file)$/.test(scheme) ? `scheme ${scheme}` : "another scheme";
  return {
    code: "TOKEN_SCHEME_REFUSED",
    why: `the URL has ${scheme === "" ? "no scheme" : named}, and the authenticator accepts only https`,
    hint: "Sign for the https endpoint. If AWS_ENDPOINT_URL_STS is an http URL, the plugin must still sign for STS's own address.",
  };
}

function checkPath({ url: { path } }: TokenReading): Finding {
  if (path === "/") return "/";
  if (path === "")
    return {
      code: "TOKEN_PATH_MISSING",
      why: "the URL has no path: its query follows the host",
      hint: "The URL must read https://{host}/?Action=…, with the slash.",
    };
  return {
    code: "TOKEN_PATH_REFUSED",
    why: "the URL's path is not /",
    hint: "The URL must read https://{host}/?Action=…, with one slash. A path comes from an endpoint URL that has one, or from a doubled slash.",
  };
}

// The host must belong to STS and to the verifier's partition, letter by letter.

function checkHost({ url: { host } }: TokenReading, place: VerifierPlace): Finding {
  const verdict = judgeHost(host, place);
  const shown = shownHost(host);
  if (typeof verdict === "string") return hostFaults[verdict](shown, place);
  return `${shown} is a host of STS in partition ${verdict.partition.name}`;
}

const sign = "Sign for sts.{region} of the cluster's own region.";

const hostFaults: Readonly<Record<HostProblem, (shown: string, place: VerifierPlace) => Fault>> = {
  missing: () => ({ code: "TOKEN_HOST_MISSING", why: "the URL has no host", hint: sign }),
  "not-sts": (shown) => ({
    code: "TOKEN_HOST_UNKNOWN",
    why: `the URL's host ${shown} is not a host of STS in any partition`,
    hint: `${sign} If somebody else gave you this token, do not call its host. This program does not call it.`,
  }),
  port: (shown) => ({
    code: "TOKEN_HOST_PORT",
    why: `the URL's host ${shown} has a port, which the authenticator does not accept`,
    hint: "Sign for the host without a port, also without :443.",
  }),
  spelling: (shown) => ({
    code: "TOKEN_HOST_SPELLING",
    why: `the URL's host ${shown} is a host of STS in another spelling, and the authenticator compares letter by letter`,
    hint: "Write the host in lower case and without a dot at its end.",
  }),
  "gov-fips": (shown) => ({
    code: "TOKEN_HOST_GOV_FIPS",
    why: `the URL's host ${shown} is not an endpoint for the authenticator: in GovCloud the plain name is the FIPS one`,
    hint: "Sign for sts.{region}.amazonaws.com: upgrade the SDK, or unset AWS_USE_FIPS_ENDPOINT.",
  }),
  "iso-dual-stack": (shown) => ({
    code: "TOKEN_HOST_ISO_DUAL_STACK",
    why: `the URL's host ${shown} is dual-stack, which the authenticator does not accept in the isolated partitions`,
    hint: "Sign for the plain host: unset AWS_USE_DUALSTACK_ENDPOINT.",
  }),
  "no-endpoint": (shown) => ({
    code: "TOKEN_HOST_PSEUDO_REGION",
    why: `the URL's host ${shown} contains a pseudo region and is not an endpoint`,
    hint: sign,
  }),
  "other-partition": (shown, { partition }) => ({
    code: "TOKEN_HOST_OTHER_PARTITION",
    why: `the URL's host ${shown} is a host of STS, but not for a cluster in partition ${partition?.name ?? "aws"}`,
    hint: "Sign with the cluster's region and with credentials of the cluster's partition, because partitions do not share credentials. Outside the partition aws, sign for a regional endpoint, not for the global one.",
  }),
};

export const checksBeforeQuery = [
  ["length", checkLength],
  ["prefix", checkPrefix],
  ["base64url", checkEncoding],
  ["url", checkUrl],
  ["scheme", checkScheme],
  ["host", checkHost],
  ["path", checkPath],
] as const;

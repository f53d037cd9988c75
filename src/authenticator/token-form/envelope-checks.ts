/** The token before its URL is read: length, prefix, encoding. */
import type { Base64Problem } from "./base64url.ts";
import type { Fault, Finding } from "./token-check.ts";
import { tokenPrefix, type TokenReading } from "./token-reading.ts";

/** aws-iam-authenticator, pkg/token, maxTokenLenBytes: a longer token is refused unread. */
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
    : faults[encodingProblem];
}

const faults: Readonly<Record<Base64Problem, Fault>> = {
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

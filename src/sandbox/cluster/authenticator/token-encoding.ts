/** `k8s-aws-v1.` and unpadded base64url: the outer form of an EKS token. */
import { formatError } from "./token-error.ts";

const prefix = "k8s-aws-v1.";

/** Bytes; a longer token is refused before it is looked at. */
const longestToken = 4096;

/**
 * Answers the presigned URL's bytes, one character each.
 * @throws {TokenError} of kind `format`.
 */
export function decodeToken(token: string): string {
  if (Buffer.byteLength(token, "utf8") > longestToken) throw formatError("token is too large");
  if (!token.startsWith(prefix)) throw formatError(`token is missing expected "${prefix}" prefix`);
  return decodeBase64Url(Buffer.from(token.slice(prefix.length), "utf8").toString("latin1"));
}

/** Go's RawURLEncoding: no padding, line ends skipped wherever they are, loose bits at the end ignored. */
function decodeBase64Url(encoded: string): string {
  const illegal = encoded.search(/[^A-Za-z0-9\-_\r\n]/);
  const digits = encoded.replace(/[\r\n]/g, "");
  if (illegal >= 0) throw formatError(`illegal base64 data at input byte ${illegal}`);
  if (digits.length % 4 === 1) throw formatError(`illegal base64 data at input byte ${encoded.length - 1}`);
  return Buffer.from(digits, "base64url").toString("latin1");
}

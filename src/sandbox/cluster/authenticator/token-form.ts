/** The checks on a token before anybody is asked, in the order of aws-iam-authenticator's pkg/token. */
import { bytesOf, quoted } from "./byte-string.ts";
import { parsePresignedUrl } from "./presigned-url.ts";
import { parseQueryValues } from "./query-values.ts";
import { type Place, checkStsHost } from "./sts-hosts.ts";
import { formatTokenDate, parseTokenDate } from "./token-date.ts";
import { decodeToken } from "./token-encoding.ts";
import { formatError } from "./token-error.ts";

/** What a well-formed token says. */
export interface TokenForm {
  /** To be asked with the header x-k8s-aws-id; without a fragment, and a byte string. */
  url: string;
  host: string;
  /** Of the host; `global` for the global one. */
  region: string;
  accessKeyId: string;
}

const clusterHeader = "x-k8s-aws-id";

const allowed = new Set([
  "action",
  "version",
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-security-token",
  "x-amz-signature",
  "x-amz-signedheaders",
]);

/** 15 minutes, in milliseconds. */
const lifetime = 15 * 60 * 1000;

/** @throws {TokenError} of kind `format`. */
export function checkTokenForm(token: string, place: Place, now: Date): TokenForm {
  const { scheme, host, path, rawQuery } = parsePresignedUrl(decodeToken(token));
  if (scheme !== "https") throw formatError(`unexpected scheme ${quoted(scheme)} in pre-signed URL`);
  const region = checkStsHost(host, place);
  if (path !== "/") throw formatError("unexpected path in pre-signed URL");
  const parameters = readParameters(rawQuery);
  if (parameters.get("action") !== "GetCallerIdentity") {
    throw formatError("unexpected action parameter in pre-signed URL");
  }
  checkSignedHeaders(parameters.get("x-amz-signedheaders") ?? "");
  checkExpires(parameters.get("x-amz-expires") ?? "");
  checkDate(parameters.get("x-amz-date") ?? "", now);
  const accessKeyId = parameters.get("x-amz-credential")?.split("/")[0] ?? "";
  return { url: `https://${host}/?${rawQuery}`, host, region, accessKeyId };
}

/** Names in lower case, each once: the verifier takes either case, although STS does not. */
function readParameters(rawQuery: string): ReadonlyMap<string, string> {
  const values = parseQueryValues(rawQuery);
  if (values === undefined) throw formatError("malformed query parameter");
  const parameters = new Map<string, string>();
  for (const [name, [value = ""]] of values) {
    const lower = lowerCase(name);
    if (parameters.has(lower)) throw formatError(`duplicate query parameter found: ${quoted(bytesOf(name))}`);
    parameters.set(lower, value);
  }
  for (const [name, { length }] of values) {
    if (!allowed.has(lowerCase(name))) {
      throw formatError(`non-whitelisted query parameter ${quoted(bytesOf(name))}`);
    }
    if (length !== 1) throw formatError("query parameter with multiple values not supported");
  }
  return parameters;
}

/** As Go does it: one character at a time, and i for the Turkish capital with a dot. */
function lowerCase(name: string): string {
  return Array.from(name, (character) => (character === "\u0130" ? "i" : character.toLowerCase())).join("");
}

function checkSignedHeaders(names: string): void {
  const isSigned = names.split(";").some((name) => /^x-k8s-aws-id$/iu.test(name));
  if (!isSigned) throw formatError(`client did not sign the ${clusterHeader} header in the pre-signed URL`);
}

/** Seconds. The number is told as Go's Atoi leaves it: 0 for what is no number. */
function checkExpires(text: string): void {
  const isNumber = /^[+-]?[0-9]+$/.test(text);
  const expires = isNumber ? BigInt.asIntN(64, clamped(BigInt(text.replace(/^\+/, "")))) : 0n;
  if (isNumber && expires >= 0n && expires <= 900n) return;
  throw formatError(`invalid X-Amz-Expires parameter in pre-signed URL: ${expires.toString()}`);
}

function clamped(value: bigint): bigint {
  const limit = 2n ** 63n;
  if (value >= limit) return limit - 1n;
  return value < -limit ? -limit : value;
}

function checkDate(text: string, now: Date): void {
  if (text === "") throw formatError("X-Amz-Date parameter must be present in pre-signed URL");
  const date = parseTokenDate(text);
  if (now.getTime() <= date.getTime() + lifetime) return;
  throw formatError(`X-Amz-Date parameter is expired (15 minute expiration) ${formatTokenDate(date)}`);
}

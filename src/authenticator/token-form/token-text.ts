/** Finds the token in a pasted text: bare, as an Authorization header, or in the ExecCredential of a plugin. */
import { timeIn } from "../../foundation/duration.ts";
import { type CodeOf, type EksX509Error, errorsOf } from "../../foundation/errors.ts";
import { isObject, parseJson } from "../../foundation/json.ts";
import { type QueryReading, readQuery, valueOf } from "./query.ts";
import { type UrlReading, readUrl } from "./url.ts";

/**
 * White space around the text does not belong to the token: a terminal adds it, and the API server trims the header.
 * White space in the token, and in an ExecCredential's quotes, stays for the checks.
 */
export function tokenIn(text: string): string | EksX509Error {
  if (isUtf16(text)) return problem("TOKEN_INPUT_UTF16");
  const pasted = text.trim();
  if (pasted.startsWith("{")) return tokenOfExecCredential(parseJson(pasted));
  if (pasted.startsWith('"')) return tokenOfString(parseJson(pasted));
  const header = /^authorization:\s*/i.exec(pasted)?.[0] ?? "";
  const credentials = pasted.slice(header.length);
  const scheme = /^bearer(?:\s+|$)/i.exec(credentials)?.[0];
  if (header !== "" && scheme === undefined) return problem("TOKEN_INPUT_NOT_BEARER");
  return credentials.slice(scheme?.length ?? 0) || problem("TOKEN_INPUT_EMPTY");
}

function tokenOfExecCredential(json: unknown): string | EksX509Error {
  if (!isObject(json)) return problem("TOKEN_INPUT_NOT_JSON");
  if (json["kind"] !== "ExecCredential") return problem("TOKEN_INPUT_NOT_EXEC_CREDENTIAL");
  const status = isObject(json["status"]) ? json["status"] : {};
  const token = status["token"];
  if (typeof token === "string" && token !== "") return token;
  return status["clientCertificateData"] === undefined
    ? problem("TOKEN_INPUT_NO_TOKEN")
    : problem("TOKEN_INPUT_CERTIFICATE");
}

/** As `jq .status.token` prints it. */
function tokenOfString(json: unknown): string | EksX509Error {
  return typeof json === "string"
    ? json.trim() || problem("TOKEN_INPUT_EMPTY")
    : problem("TOKEN_INPUT_NOT_JSON");
}

type Code = Extract<CodeOf<"usage", "token">, `TOKEN_INPUT_${string}`>;

function problem(code: Code): EksX509Error {
  return errorsOf("usage", "token")(code, ...words[code]);
}

const words: Readonly<Record<Code, readonly [why: string, hint: string]>> = {
  TOKEN_INPUT_EMPTY: [
    "the input contains no token",
    "The command that should print it printed nothing. Run it alone, and check its exit code and its stderr.",
  ],
  TOKEN_INPUT_UTF16: [
    "the input is text in UTF-16, which cannot be a token",
    "Windows PowerShell writes files in UTF-16. Use | Out-File -Encoding ascii FILE, or pipe the program's output with cmd /c, without a file.",
  ],
  TOKEN_INPUT_NOT_BEARER: [
    "the Authorization header is not a Bearer header",
    "Pass the header that kubectl sends to the API server: Authorization: Bearer k8s-aws-v1.…",
  ],
  TOKEN_INPUT_NOT_JSON: [
    "the input begins like JSON but is not JSON",
    "Pass the complete stdout of the plugin, without other lines.",
  ],
  TOKEN_INPUT_NOT_EXEC_CREDENTIAL: [
    "the input is JSON, but not of kind ExecCredential",
    "Pass the output of a credential plugin (kind: ExecCredential), or only the token.",
  ],
  TOKEN_INPUT_NO_TOKEN: [
    "the ExecCredential has no status.token",
    "The plugin returned no credential. Its input (KUBERNETES_EXEC_INFO) has no status either: pass the output of the plugin.",
  ],
  TOKEN_INPUT_CERTIFICATE: [
    "the ExecCredential has a client certificate but no token",
    "EKS accepts IAM identities only with a token. Check that the kubeconfig's user runs a plugin for AWS.",
  ],
};

/** Text in UTF-16, as Windows PowerShell writes with `>`, read as UTF-8: every second character is NUL, and the first two are invalid. */
function isUtf16(text: string): boolean {
  const start = text.slice(0, 200);
  const nuls = start.split("\0").length - 1;
  return nuls > 1 && nuls >= Math.floor(start.length / 3);
}

export const tokenPrefix = "k8s-aws-v1.";

/** aws-iam-authenticator, pkg/token, maxTokenLenBytes: refuses a longer token before it reads it. */
export const longestToken = 4096;

export interface TokenReading {
  text: string;
  /** In bytes, as the verifier counts. */
  length: number;
  encodingProblem: Base64Problem | undefined;
  /** The URL in the token, which is a secret. */
  url: UrlReading;
  query: QueryReading;
  /** Undefined if X-Amz-Date is not a date. */
  signedAt: Date | undefined;
}

/** No token is longer, so a longer text is not taken apart. */
const readableLength = 65_536;

export function readToken(text: string): TokenReading {
  const length = Buffer.byteLength(text, "utf8");
  const payload = text.startsWith(tokenPrefix) ? text.slice(tokenPrefix.length) : text;
  const readable = length > readableLength ? "" : payload;
  // One character for each byte, because Go's strings are bytes. Of a broken text, the readable bytes.
  const url = readUrl(Buffer.from(readable, "base64url").toString("latin1"));
  const query = readQuery(url.rawQuery);
  const signedAt = readSigningDate(valueOf(query, "x-amz-date"));
  return { text, length, encodingProblem: base64Problem(readable), url, query, signedAt };
}

// The verifier's base64: RFC 4648 section 5 without padding, as Go's base64.RawURLEncoding reads it. Carriage returns and
// line feeds are skipped everywhere; the remaining bits at the end can have any value.

type Base64Problem = Extract<CodeOf<"refused", "token">, `TOKEN_BASE64_${string}`>;

/** The reason why the verifier cannot decode the text; undefined if it can. */
function base64Problem(text: string): Base64Problem | undefined {
  const characters = text.replace(/[\r\n]/g, "");
  const foreign = /[^A-Za-z0-9_-]/.exec(characters)?.[0];
  if (foreign === undefined) return characters.length % 4 === 1 ? "TOKEN_BASE64_CUT_OFF" : undefined;
  if (foreign === "=") return "TOKEN_BASE64_PADDED";
  if (/[+/]/.test(foreign)) return "TOKEN_BASE64_ALPHABET";
  return /\s/.test(foreign) ? "TOKEN_BASE64_WHITE_SPACE" : "TOKEN_BASE64_CHARACTER";
}

// X-Amz-Date as Go's time.Parse reads it in the layout 20060102T150405Z: a fraction can follow the seconds.

const layout = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:[.,](\d+))?Z$/;

export function readSigningDate(text: string): Date | undefined {
  const [, year, month, day, hour, minute, second, fraction = ""] = layout.exec(text) ?? [];
  const milliseconds = fraction.slice(0, 3).padEnd(3, "0");
  return timeIn(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`);
}

export function dateProblem(text: string): "TOKEN_DATE_MALFORMED" | "TOKEN_DATE_IMPOSSIBLE" | undefined {
  if (readSigningDate(text)) return undefined;
  return layout.test(text) ? "TOKEN_DATE_IMPOSSIBLE" : "TOKEN_DATE_MALFORMED";
}

/** STS accepts a presigned URL for 15 minutes from X-Amz-Date and ignores X-Amz-Expires. */
export function validUntil(signedAt: Date): Date {
  return new Date(signedAt.getTime() + 15 * 60_000);
}

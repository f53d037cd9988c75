/** Finds the token in a pasted text: bare, as an Authorization header, or in the ExecCredential of a plugin. */
import { errorsOf, type CodeOf, type EksX509Error } from "../../foundation/errors.ts";
import { isObject, parseJson } from "../../foundation/json.ts";

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

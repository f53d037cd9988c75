/** Finds the token in a pasted text: bare, as an Authorization header, or in the ExecCredential of a plugin. */
import type { CodeOf } from "../../foundation/errors.ts";
import { isObject, parseJson } from "../../foundation/json.ts";
import { isUtf16 } from "../utf16.ts";

export interface TokenTextProblem {
  /** Stable, from docs/errors.md. */
  code: CodeOf<"usage", "token">;
  why: string;
  /** The next step. */
  hint: string;
}

/**
 * White space around the text does not belong to the token: a terminal adds it, and the API server trims the header.
 * White space in the token, and in an ExecCredential's quotes, stays for the checks.
 */
export function tokenIn(text: string): string | TokenTextProblem {
  if (isUtf16(text)) return utf16;
  const pasted = text.trim();
  if (pasted.startsWith("{")) return tokenOfExecCredential(parseJson(pasted));
  if (pasted.startsWith('"')) return tokenOfString(parseJson(pasted));
  const header = /^authorization:\s*/i.exec(pasted)?.[0] ?? "";
  const credentials = pasted.slice(header.length);
  const scheme = /^bearer(?:\s+|$)/i.exec(credentials)?.[0];
  if (header !== "" && scheme === undefined) return notBearer;
  return credentials.slice(scheme?.length ?? 0) || empty;
}

function tokenOfExecCredential(json: unknown): string | TokenTextProblem {
  if (!isObject(json)) return notJson;
  if (json["kind"] !== "ExecCredential") return notExecCredential;
  const status = isObject(json["status"]) ? json["status"] : {};
  const token = status["token"];
  if (typeof token === "string" && token !== "") return token;
  return status["clientCertificateData"] === undefined ? noToken : certificateInstead;
}

/** As `jq .status.token` prints it. */
function tokenOfString(json: unknown): string | TokenTextProblem {
  return typeof json === "string" ? json.trim() || empty : notJson;
}

const empty: TokenTextProblem = {
  code: "TOKEN_INPUT_EMPTY",
  why: "the input contains no token",
  hint: "The command that should print it printed nothing. Run it alone, and check its exit code and its stderr.",
};

const utf16: TokenTextProblem = {
  code: "TOKEN_INPUT_UTF16",
  why: "the input is text in UTF-16, which cannot be a token",
  hint: "Windows PowerShell writes files in UTF-16. Use | Out-File -Encoding ascii FILE, or pipe the program's output with cmd /c, without a file.",
};

const notBearer: TokenTextProblem = {
  code: "TOKEN_INPUT_NOT_BEARER",
  why: "the Authorization header is not a Bearer header",
  hint: "Pass the header that kubectl sends to the API server: Authorization: Bearer k8s-aws-v1.…",
};

const notJson: TokenTextProblem = {
  code: "TOKEN_INPUT_NOT_JSON",
  why: "the input begins like JSON but is not JSON",
  hint: "Pass the complete stdout of the plugin, without other lines.",
};

const notExecCredential: TokenTextProblem = {
  code: "TOKEN_INPUT_NOT_EXEC_CREDENTIAL",
  why: "the input is JSON, but not of kind ExecCredential",
  hint: "Pass the output of a credential plugin (kind: ExecCredential), or only the token.",
};

const noToken: TokenTextProblem = {
  code: "TOKEN_INPUT_NO_TOKEN",
  why: "the ExecCredential has no status.token",
  hint: "The plugin returned no credential. Its input (KUBERNETES_EXEC_INFO) has no status either: pass the output of the plugin.",
};

const certificateInstead: TokenTextProblem = {
  code: "TOKEN_INPUT_CERTIFICATE",
  why: "the ExecCredential has a client certificate but no token",
  hint: "EKS accepts IAM identities only with a token. Check that the kubeconfig's user runs a plugin for AWS.",
};

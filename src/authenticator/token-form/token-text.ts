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
  why: "the input holds no token",
  hint: "The command that was to print it printed nothing: run it alone, and look at its exit code and its stderr.",
};

const utf16: TokenTextProblem = {
  code: "TOKEN_INPUT_UTF16",
  why: "the input is text in UTF-16, and no token is",
  hint: "Windows PowerShell writes files so. Write it with | Out-File -Encoding ascii FILE, or pipe the program's output with cmd /c, without a file.",
};

const notBearer: TokenTextProblem = {
  code: "TOKEN_INPUT_NOT_BEARER",
  why: "the Authorization header is no Bearer one",
  hint: "Pass the header that kubectl sends to the API server: Authorization: Bearer k8s-aws-v1.…",
};

const notJson: TokenTextProblem = {
  code: "TOKEN_INPUT_NOT_JSON",
  why: "the input begins like JSON and is none",
  hint: "Pass all that the plugin printed on stdout, and nothing else: no line before, no line cut off.",
};

const notExecCredential: TokenTextProblem = {
  code: "TOKEN_INPUT_NOT_EXEC_CREDENTIAL",
  why: "the input is JSON of another kind than ExecCredential",
  hint: "Pass what a credential plugin prints, kind: ExecCredential; or the token alone.",
};

const noToken: TokenTextProblem = {
  code: "TOKEN_INPUT_NO_TOKEN",
  why: "the ExecCredential has no status.token",
  hint: "The plugin answered kubectl without a credential. What it was given (KUBERNETES_EXEC_INFO) has no status either: pass what the plugin prints.",
};

const certificateInstead: TokenTextProblem = {
  code: "TOKEN_INPUT_CERTIFICATE",
  why: "the ExecCredential has a client certificate, and no token",
  hint: "EKS knows IAM by the token alone. Check that the kubeconfig's user runs a plugin for AWS.",
};

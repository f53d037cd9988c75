/**
 * Accepts or refuses a plugin's stdout as client-go does, with a reason for each refusal. client-go,
 * plugin/pkg/client/auth/exec, refreshCredsLocked. Like client-go, it accepts YAML and JSON, and requires no kind.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { timeIn } from "../foundation/duration.ts";
import { EksX509Error, type CodeOf } from "../foundation/errors.ts";
import { isObject, parseJson } from "../foundation/json.ts";
import { apiVersions, type ApiVersion } from "../kubeconfig/exec-versions.ts";
import { readYaml } from "../kubeconfig/read/yaml.ts";

export interface PluginCredential {
  /** The bearer token, which is a secret; empty if there is only a certificate. */
  token: string;
  /** PEM; the key is a secret. */
  clientCertificate: { certificate: string; key: string } | undefined;
  /** Undefined: the client keeps it as long as it runs. A time in the past is accepted too, for one request. */
  expiration: Date | undefined;
}

export interface Expected {
  plugin: string;
  /** The apiVersion of the exec entry. */
  apiVersion: ApiVersion;
}

export function readExecCredential(stdout: string, expected: Expected): PluginCredential {
  const answer = parsed(stdout, expected.plugin);
  checkVersion(answer, expected);
  checkSpec(answer["spec"] ?? {}, expected);
  const { status } = answer;
  if (status === undefined || status === null)
    throw problem("PLUGIN_STATUS_MISSING", `${expected.plugin} returned an ExecCredential without a status`);
  if (!isObject(status)) throw fieldInvalid(expected.plugin, "status", "an object");
  const credential = {
    token: text(status, "token", expected),
    clientCertificate: clientCertificate(status, expected),
    expiration: expiration(status, expected),
  };
  checkUsable(credential, expected);
  return credential;
}

function parsed(stdout: string, plugin: string): Record<string, unknown> {
  if (stdout.trim() === "") throw problem("PLUGIN_OUTPUT_EMPTY", `${plugin} succeeded but printed nothing`);
  const answer = parseJson(stdout) ?? (isMeantAsJson(stdout) ? undefined : fromYaml(stdout));
  if (isObject(answer) && !isProse(answer, stdout)) return answer;
  if (isProse(answer, stdout) || hasTextAround(stdout))
    throw problem(
      "PLUGIN_OUTPUT_EXTRA_TEXT",
      `${plugin} printed other text in addition to a JSON object`,
      "stdout must contain only the ExecCredential. A wrapper, a shell's start-up file or an update notice may have written the rest. Send it to stderr.",
    );
  throw problem("PLUGIN_OUTPUT_INVALID", `${plugin} printed a text that is not a JSON object`);
}

/** YAML would accept what JSON does not, such as a line break in a text. Kubernetes distinguishes them by the first character. */
function isMeantAsJson(stdout: string): boolean {
  return /^[ \t\r\n]*\{/.test(stdout);
}

/** `note: {"token": …}` is valid YAML, but has no field of an ExecCredential. */
function isProse(answer: unknown, stdout: string): boolean {
  const start = stdout.indexOf("{");
  // One pattern for both parts would try every length of the first.
  const isBehindText = /\S/.test(stdout.slice(0, start)) && /^\{\s*"/.test(stdout.slice(start));
  if (!isBehindText || !isObject(answer)) return false;
  return ["apiVersion", "kind", "status"].every((field) => !(field in answer));
}

/** Text before the first line that opens an object, or after a complete object. */
function hasTextAround(stdout: string): boolean {
  const start = stdout.search(/\{\s*"/);
  if (start < 0) return false;
  const end = stdout.lastIndexOf("}");
  return parseJson(stdout.slice(start, end + 1)) !== undefined || /\}\s*\{/.test(stdout);
}

/** Bounded in depth and aliases, like a kubeconfig. */
function fromYaml(stdout: string): unknown {
  try {
    return readYaml({ name: "stdout", text: stdout }).content;
  } catch {
    return undefined;
  }
}

function checkVersion(
  { apiVersion, kind }: Record<string, unknown>,
  { plugin, apiVersion: wanted }: Expected,
): void {
  if (kind !== undefined && kind !== null && kind !== "" && kind !== "ExecCredential")
    throw problem(
      "PLUGIN_KIND",
      `${plugin} returned an object of kind ${quoted(kind, kindForm)}, and no ExecCredential`,
    );
  if (apiVersion === wanted) return;
  if (apiVersion === undefined || apiVersion === null || apiVersion === "")
    throw problem("PLUGIN_API_VERSION_MISSING", `${plugin} returned an ExecCredential without apiVersion`);
  throw problem(
    "PLUGIN_API_VERSION",
    `the exec entry has apiVersion ${wanted}, and ${plugin} returned ${quoted(apiVersion, versionForm)}`,
    apiVersions.some((known) => known === apiVersion)
      ? `Set apiVersion in the exec entry to ${quoted(apiVersion, versionForm)}, or update ${plugin} to a version that answers with the apiVersion in KUBERNETES_EXEC_INFO.`
      : `Update ${plugin}: kubectl 1.24 and later accept only ${apiVersions.join(" and ")}. Old versions of the AWS CLI answer with v1alpha1.`,
  );
}

/** client-go decodes these fields too, although an answer does not need them. */
function checkSpec(spec: unknown, { plugin }: Expected): void {
  if (!isObject(spec)) throw fieldInvalid(plugin, "spec", "an object");
  if (typeof (spec["interactive"] ?? false) !== "boolean")
    throw fieldInvalid(plugin, "spec.interactive", "true or false");
}

function clientCertificate(
  status: Record<string, unknown>,
  expected: Expected,
): PluginCredential["clientCertificate"] {
  const certificate = text(status, "clientCertificateData", expected);
  const key = text(status, "clientKeyData", expected);
  if (certificate === "" && key === "") return undefined;
  if (certificate === "" || key === "")
    throw problem(
      "PLUGIN_CERTIFICATE_HALF",
      `${expected.plugin} returned a client ${key === "" ? "certificate without its key" : "key without its certificate"}`,
    );
  if (isPair(certificate, key)) return { certificate, key };
  throw problem(
    "PLUGIN_CERTIFICATE_INVALID",
    `${expected.plugin} returned a client certificate and a key that are not a pair in PEM`,
  );
}

function isPair(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function expiration(status: Record<string, unknown>, { plugin }: Expected): Date | undefined {
  const value = status["expirationTimestamp"];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw fieldInvalid(plugin, "status.expirationTimestamp", "text");
  const time = timeIn(value);
  if (time) return time;
  throw problem(
    "PLUGIN_EXPIRATION_INVALID",
    `${plugin} returned expirationTimestamp ${quoted(value, timeForm)}, which is not an RFC 3339 time`,
  );
}

function checkUsable({ token, clientCertificate }: PluginCredential, { plugin }: Expected): void {
  if (token === "" && !clientCertificate)
    throw problem("PLUGIN_NO_CREDENTIAL", `${plugin} returned neither a token nor a client certificate`);
  if (/[^\t\x20-\x7e\x80-\uffff]/.test(token))
    throw problem(
      "PLUGIN_TOKEN_UNSENDABLE",
      `${plugin} returned a token with a line break or another control character, which an HTTP header cannot contain`,
    );
}

function text(status: Record<string, unknown>, name: string, { plugin }: Expected): string {
  const value = status[name] ?? "";
  if (typeof value === "string") return value;
  throw fieldInvalid(plugin, `status.${name}`, "text");
}

function fieldInvalid(plugin: string, field: string, expected: string): EksX509Error {
  return problem("PLUGIN_FIELD_INVALID", `${plugin} returned a ${field} that is not ${expected}`);
}

/** A plugin may print its secret anywhere: a value is quoted only if it has a known form. */
function quoted(value: unknown, form: RegExp): string {
  if (typeof value !== "string") return "a value that is not text";
  return form.test(value) ? JSON.stringify(value) : `another text of ${value.length} characters`;
}

const kindForm = /^(ExecCredentials?|ExecConfig|Config|List|Secret|Status|Token(Request|Review)?)$/i;
const versionForm = /^client\.authentication\.k8s\.io\/v[0-9]{1,2}((alpha|beta)[0-9]{1,2})?$/i;
const timeForm = /^\d{4}-\d\d-\d\d([ T][\d:.]{2,18}[ Zz]?([+-][\d:]{2,6})?)?$|^\d{10}$|^$/;

function problem(code: CodeOf<"other", "plugin">, message: string, hint = usualHint): EksX509Error {
  return new EksX509Error({ category: "other", hop: "plugin", code, message, hint });
}

const usualHint =
  "Run the exec entry's command by hand and check its stdout, which must be one ExecCredential. Update the program, or correct its arguments.";

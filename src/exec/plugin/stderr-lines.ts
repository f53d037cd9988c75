/** What a plugin said on stderr, as far as it may be repeated: nothing that looks like a token, a key or a password. */
import type { Environment } from "../../foundation/environment.ts";

const hidden = "***";

/**
 * @param stderr its end; `isCut` when its beginning is missing
 * @param secrets values that must not come back, wherever they stand
 * @returns the last lines that hold something
 */
export function stderrLines(
  { stderr, isCut }: { stderr: string; isCut: boolean },
  secrets: readonly string[],
  most = 5,
): string[] {
  const whole = isCut ? stderr.slice(stderr.indexOf("\n") + 1) : stderr;
  return withoutSecrets(withoutColours(whole), secrets)
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(-most)
    .map((line) => (line.length > 300 ? `${line.slice(0, 300)}…` : line));
}

/** Values of variables whose names tell that they are secret. */
export function secretsOf(env: Environment): string[] {
  return Object.entries(env).flatMap(([name, value = ""]) =>
    secretVariable.test(name) && !openVariables.has(name) && value.length >= 6 ? [value] : [],
  );
}

const secretVariable = /SECRET|TOKEN|PASSW|PWD$|CREDENTIAL|PRIVATE|API_?KEY/i;

/** A shell's current folder and the one before. */
const openVariables: ReadonlySet<string> = new Set(["PWD", "OLDPWD", "EKS_X509_TOKEN_DEBUG"]);

function withoutColours(text: string): string {
  // eslint-disable-next-line no-control-regex -- a terminal's sequences begin with one
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
}

/** `KeyError: …` is no secret. */
const secretName = String.raw`(?:secret|token|passw|pass(?=["']?\s*[=:])|pwd|signature|credential|(?:api|access|private|client)[-_]?key)[\w-]*["']?\s*`;

const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [^-]+-----[\s\S]*?(-----END [^-]+-----|$)/g, hidden],
  [/k8s-aws-v1\.[\w-]*/g, hidden],
  [/\beyJ[\w-]{8,}[\w.-]*/g, hidden],
  [/((?:authorization|cookie|x-api-key|x-amz-security-token)["']?\s*[:=]\s*)\S[^\r\n]*/gi, `$1${hidden}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/]+@/gi, `$1${hidden}@`],
  // A slash in the password; not one behind a port.
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/:@]*:(?!\d+[/\s])[^\s@]*@/gi, `$1${hidden}@`],
  [/(\bhttps?:\/\/[^\s?#]+)[?#]\S+/gi, `$1?${hidden}`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${hidden}`],
  [new RegExp(String.raw`(${secretName}=\s*)("[^"]*"|'[^']*'|[^\s,;&]+)`, "gi"), `$1${hidden}`],
  [new RegExp(String.raw`(${secretName}:\s*)("[^"]*"|'[^']*'|[^\s,;&]{12,})`, "gi"), `$1${hidden}`],
  [
    /(\bpass(?:word|phrase)?\s+(?:is\s+)?)(?!\w*\*)("[^"]+"|'[^']+'|(?!(?:for|from|file|policy|prompt|required|expired|incorrect|invalid|wrong|must|not|does|cannot|could|authentication|provided|failed|with|when|were|will|entered|manager|store|store[sd]|protected|than|that|reset|change[ds]?|given)\b)[^\s,;]{4,})/gi,
    `$1${hidden}`,
  ],
  [/\b[0-9a-f]{40,}\b/g, hidden],
  // A secret access key.
  [/(?<![\w.~/+-])(?=[\w/+]*[a-z])(?=[\w/+]*[A-Z])[A-Za-z0-9/+]{40}(?![\w.~/+=-])/g, hidden],
];

/** IAM's names are long, of both kinds of letters and digits, and what a failure is about. */
const arn = /(\barn:aws[\w-]*:[a-z0-9-]+:[a-z0-9-]*:(?:\d{12})?:[\w+=,.@/:-]+)/;

/** @param secrets values that must not come back, wherever they stand */
export function withoutSecrets(text: string, secrets: readonly string[] = []): string {
  const longestFirst = [...secrets].sort((one, other) => other.length - one.length);
  const known = longestFirst.reduce((rest, secret) => rest.replaceAll(secret, hidden), text);
  return known
    .split(arn)
    .map((part, index) => (index % 2 === 1 ? part : withoutFormed(part)))
    .join("");
}

function withoutFormed(text: string): string {
  const formed = patterns.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
  return formed.replace(/[A-Za-z0-9+/=_-]{32,}/g, (run) => (looksEncoded(run) ? hidden : run));
}

/** Small and capital letters, and digits unless it is very long; and no path: the names in one are short. */
function looksEncoded(run: string): boolean {
  const isPath = run.startsWith("/") && run.split("/").every((name) => name.length < 24);
  return !isPath && /[a-z]/.test(run) && /[A-Z]/.test(run) && (run.length >= 64 || /[0-9]/.test(run));
}

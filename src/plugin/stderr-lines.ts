/** What a plugin said on stderr, as far as it may be repeated: nothing that looks like a token, a key or a password. */
import type { Environment } from "../environment.ts";

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
    /SECRET|TOKEN|PASSW|PWD$|CREDENTIAL|PRIVATE|API_?KEY/i.test(name) && value.length >= 6 ? [value] : [],
  );
}

function withoutColours(text: string): string {
  // eslint-disable-next-line no-control-regex -- a terminal's sequences begin with one
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
}

/** `KeyError: …` is no secret. */
const secretName = String.raw`(?:secret|token|passw|signature|credential|(?:api|access|private|client)[-_]?key)[\w-]*["']?\s*`;

const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [^-]+-----[\s\S]*?(-----END [^-]+-----|$)/g, hidden],
  [/k8s-aws-v1\.[\w-]*/g, hidden],
  [/\beyJ[\w-]{8,}[\w.-]*/g, hidden],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${hidden}@`],
  [/(\bhttps?:\/\/[^\s?#]+)[?#]\S+/gi, `$1?${hidden}`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${hidden}`],
  [new RegExp(String.raw`(${secretName}=\s*)("[^"]*"|'[^']*'|[^\s,;&]+)`, "gi"), `$1${hidden}`],
  [new RegExp(String.raw`(${secretName}:\s*)("[^"]*"|'[^']*'|[^\s,;&]{12,})`, "gi"), `$1${hidden}`],
  [/\b[0-9a-f]{40,}\b/g, hidden],
];

/** @param secrets values that must not come back, wherever they stand */
export function withoutSecrets(text: string, secrets: readonly string[] = []): string {
  const known = secrets.reduce((rest, secret) => rest.replaceAll(secret, hidden), text);
  const formed = patterns.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), known);
  return formed.replace(/[A-Za-z0-9+/=_-]{32,}/g, (run) => (looksEncoded(run) ? hidden : run));
}

/** Small and capital letters and digits, and no path: the names in one are short. */
function looksEncoded(run: string): boolean {
  const isPath = run.startsWith("/") && run.split("/").every((name) => name.length < 24);
  return !isPath && /[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run);
}

/** A value that somebody gave, as far as a message may repeat it: a key that was pasted into the wrong option must not come back. */

/** What base64 has, and hardly a name, an ARN, a path or a URL: a long run of small and capital letters and digits. */
const longRun = /[A-Za-z0-9+/=]{40,}/g;

/** In quotes; or how long it was. */
export function shown(value: string): string {
  if (value.length <= 256 && !value.includes("-----") && !looksEncoded(value)) return JSON.stringify(value);
  return `(${value.length} characters, not shown)`;
}

function looksEncoded(value: string): boolean {
  const runs = value.match(longRun) ?? [];
  return runs.some((run) => /[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run));
}

/** A value for a message, unless it can be a secret that was pasted into the wrong option. */

/** A long run of small and capital letters and digits. Base64 has it; names, ARNs, paths and URLs hardly ever do. */
const longRun = /[A-Za-z0-9+/=]{40,}/g;

/** The value in quotes, or its length. */
export function shown(value: string): string {
  if (value.length <= 256 && !value.includes("-----") && !looksEncoded(value)) return JSON.stringify(value);
  return `(${value.length} characters, not shown)`;
}

function looksEncoded(value: string): boolean {
  const runs = value.match(longRun) ?? [];
  return runs.some((run) => /[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run));
}

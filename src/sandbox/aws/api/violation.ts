/** The words in which AWS's services refuse an input. */

/**
 * @param member its path: `tags.1.member.key`
 * @param value as it is quoted: `'demo'`, `null`
 */
export function violation(member: string, value: string, constraint: string): string {
  return `Value ${value} at '${member}' failed to satisfy constraint: ${constraint}`;
}

/** The message for all of them. */
export function detected(violations: readonly string[]): string {
  const noun = violations.length === 1 ? "error" : "errors";
  return `${violations.length} validation ${noun} detected: ${violations.join("; ")}`;
}

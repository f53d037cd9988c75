/** The errors of a file system and its sockets. */

/** `ENOENT` and similar codes; empty for an error without a code. */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** For --verbose. Node's own text names the call and the path, which contains only hashes. */
export function systemText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** @returns whether it was done. Any unexpected error is thrown. */
export function attempt(call: () => void, expected: readonly string[]): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (expected.includes(systemCode(error))) return false;
    throw error;
  }
}

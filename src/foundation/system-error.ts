/** The errors that a file system and its sockets answer with. */

/** `ENOENT` and the like; empty for an error that has none. */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** For --verbose: Node's own text names the call and the path, which hold hashes only. */
export function systemText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** @returns whether it was done; any other error than those expected is thrown. */
export function attempt(call: () => void, expected: readonly string[]): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (expected.includes(systemCode(error))) return false;
    throw error;
  }
}

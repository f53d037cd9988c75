/** A log of the sandbox with a JSON object on each line, such as CloudTrail's records or an audit log. */
import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { cleanValues } from "../foundation/confidential.ts";

/**
 * Writes the record before the answer is sent. A full or missing folder does not fail the call.
 * @param clean removes secrets, which a client can put into any text of its request
 */
export function recordFile(
  path: string,
  clean: (texts: readonly string[]) => readonly string[],
): (record: object) => void {
  return (record) => {
    try {
      makeFolder(dirname(path));
      const line = JSON.stringify(cleanValues(JSON.stringify(record), clean));
      appendFileSync(path, `${line}\n`, { mode: 0o600 });
    } catch {
      // The log is optional: the sandbox continues without it.
    }
  };
}

/** Only the last part: the folder of a sandbox that has ended stays removed. */
function makeFolder(path: string): void {
  if (!existsSync(path)) mkdirSync(path, { mode: 0o700 });
}

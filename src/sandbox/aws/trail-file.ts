/** The account's trail as a file in the sandbox's folder, one record a line, to read beside the API server's audit log. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { OnRecord } from "./trail.ts";

const name = "cloudtrail.jsonl";

/** Writes the record before the answer is sent. A full or missing folder does not fail the call. */
export function trailFile(folder: string): OnRecord {
  return (record) => {
    try {
      appendFileSync(join(folder, name), `${JSON.stringify(record)}\n`, { mode: 0o600 });
    } catch {
      // The trail is optional: the sandbox continues without it.
    }
  };
}

/** The account's trail as a file in the sandbox's folder, to be read beside the API server's audit log: a record a line. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { OnRecord } from "./trail.ts";

const name = "cloudtrail.jsonl";

/** A call's record is in the file before its answer is sent. A folder that is full or gone ends no call. */
export function trailFile(folder: string): OnRecord {
  return (record) => {
    try {
      appendFileSync(join(folder, name), `${JSON.stringify(record)}\n`, { mode: 0o600 });
    } catch {
      // The sandbox is for trying things out: the trail is an extra.
    }
  };
}

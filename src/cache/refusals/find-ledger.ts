/** Whether refusals can be noticed here: with a client to be told from others, and a folder to be trusted. */
import { readFileSync } from "node:fs";
import { clientOf } from "./client.ts";
import { ledgerIn, type Ledger } from "./ledger.ts";
import { findLockFolder, type FolderInputs } from "../flight/lock-folder.ts";

export interface LedgerInputs extends Omit<FolderInputs, "uid"> {
  platform: NodeJS.Platform;
  /** process.ppid */
  parent: number;
  /** process.geteuid(); undefined on Windows, where the folder cannot be found private */
  uid: number | undefined;
}

/** @param tell why there is none, or why it fails */
export function findLedger(
  { platform, parent, uid, ...folders }: LedgerInputs,
  tell: (line: string) => void,
): Ledger | undefined {
  const client = clientOf({ pid: parent, stat: platform === "linux" ? statOf(parent) : undefined });
  if (client === undefined || uid === undefined) return undefined;
  const { path: folder, reasons } = findLockFolder({ uid, ...folders });
  if (folder === undefined) tell(`refusals are not noticed: ${reasons.join(", ")}`);
  return folder === undefined ? undefined : ledgerIn({ folder, client, tell });
}

/** Undefined where /proc hides it, or the parent has ended. */
function statOf(pid: number): string | undefined {
  try {
    // UTF-8, which Node reads three times as fast as it reads bytes; a name that is none is of no interest.
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
}

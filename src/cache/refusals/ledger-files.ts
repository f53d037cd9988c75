/** The ledger of this machine: its notes are files in the private folder, and the client is the parent process. */
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import type { Log, Sha256 } from "../../foundation/ports.ts";
import { attempt } from "../../foundation/system-error.ts";
import { findPrivateFolder, type FolderInputs } from "../private-folder.ts";
import { ledgerOn, type Ledger, type Notes } from "./ledger.ts";

export interface LedgerInputs extends Omit<FolderInputs, "uid"> {
  platform: NodeJS.Platform;
  /** process.ppid */
  parent: number;
  /** process.geteuid(); undefined on Windows, where no folder is known to be private */
  uid: number | undefined;
  sha256: Sha256;
}

/** @returns undefined if clients cannot be distinguished, or if there is no private folder, which is logged */
export function findLedger(inputs: LedgerInputs, log: Log): Ledger | undefined {
  const { platform, parent, uid, sha256, ...folders } = inputs;
  const client = clientOf({ pid: parent, stat: platform === "linux" ? statOf(parent) : undefined });
  if (client === undefined || uid === undefined) return undefined;
  const { path: folder, reasons } = findPrivateFolder({ uid, ...folders });
  if (folder === undefined) log(`refusals are not detected: ${reasons.join(", ")}`);
  return folder === undefined ? undefined : ledgerOn({ notes: notesIn(folder), client, sha256, log });
}

/** Undefined if /proc hides it, or if the parent has ended. */
function statOf(pid: number): string | undefined {
  try {
    // UTF-8, which Node reads three times as fast as bytes. A name in another encoding does not matter.
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
}

export interface Parent {
  pid: number;
  /** /proc/PID/stat of the parent, proc_pid_stat(5); undefined if there is none */
  stat: string | undefined;
}

/**
 * The client process is the parent: kubectl, or another program with client-go. Process IDs are reused. On Linux the start
 * time is added, and the address of the stack: execve(2) chooses a new one, which distinguishes kubectl from a wrapper that
 * has become kubectl. On other systems both would need a subprocess, which takes longer than a complete hit, so only the
 * process ID is used.
 * @returns undefined if the parent is not a single client
 */
export function clientOf({ pid, stat }: Parent): string | undefined {
  // 0: the parent is outside of this container.
  if (pid <= 0) return undefined;
  if (stat === undefined) return pid === 1 ? undefined : String(pid);
  // Fields 22 and 28. The program's name, field 2, can contain any character, including parentheses and spaces.
  const afterName = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [started = "0", stack = "0"] = [afterName[19], afterName[25]];
  // Process 1 is a container's only program, or an init with many children. The kernel shows a user only the stack of this user's
  // programs, and the init of a machine belongs to root.
  if (pid === 1 && stack === "0") return undefined;
  return `${pid}-${started}-${stack}`;
}

/** Room for nearly four thousand clients, more than a token ever has. */
const longestText = 64 * 1024;

/** @param folder known to be private */
export function notesIn(folder: string): Notes {
  return {
    append: (name, addition) => append(`${folder}/${name}`, addition),
    create: (name) =>
      attempt(() => {
        closeSync(openSync(`${folder}/${name}`, "wx", 0o600));
      }, ["EEXIST"]),
    remove: (names, age, now) => {
      for (const name of readdirSync(folder).filter((entry) => names.test(entry)))
        attempt(() => {
          const path = `${folder}/${name}`;
          const found = lstatSync(path);
          if (found.isFile() && Math.abs(now.getTime() - found.mtimeMs) > age) unlinkSync(path);
        }, ["ENOENT"]);
    },
  };
}

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

/** One call appends, and the kernel does not interleave it with another one. A pipe in the file's place does not block. */
function append(path: string, addition: (text: string) => string): string {
  const file = openSync(path, O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_RDWR, 0o600);
  try {
    const text = readFileSync(file, "utf8");
    const added = addition(text);
    if (added !== "") writeSync(file, added);
    if (text.length > longestText) unlinkSync(path);
    return text;
  } finally {
    closeSync(file);
  }
}

/** The ledger of this machine: its notes are files in the private folder, and the client is the parent process. */
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import type { Log, Sha256 } from "../../foundation/ports.ts";
import { attempt } from "../../foundation/system-error.ts";
import { findPrivateFolder, type FolderInputs } from "../private-folder.ts";
import { ledgerOn, type Ledger, type Notes } from "./ledger.ts";

export interface LedgerInputs extends Omit<FolderInputs, "uid"> {
  platform: NodeJS.Platform;
  /** process.ppid */
  parent: number;
  /** process.geteuid(); undefined on Windows, where no folder can be found private */
  uid: number | undefined;
  sha256: Sha256;
}

/** @returns undefined where one client cannot be told from another, and where there is no private folder, which is logged */
export function findLedger(inputs: LedgerInputs, log: Log): Ledger | undefined {
  const { platform, parent, uid, sha256, ...folders } = inputs;
  const client = clientOf({ pid: parent, stat: platform === "linux" ? statOf(parent) : undefined });
  if (client === undefined || uid === undefined) return undefined;
  const { path: folder, reasons } = findPrivateFolder({ uid, ...folders });
  if (folder === undefined) log(`refusals are not detected: ${reasons.join(", ")}`);
  return folder === undefined ? undefined : ledgerOn({ notes: notesIn(folder), client, sha256, log });
}

/** Undefined where /proc hides it, or the parent has ended. */
function statOf(pid: number): string | undefined {
  try {
    // UTF-8, which Node reads three times as fast as it reads bytes. A name that is none is of no interest.
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
}

export interface Parent {
  /** process.ppid */
  pid: number;
  /** /proc/PID/stat of the parent, proc_pid_stat(5); undefined where there is none */
  stat: string | undefined;
}

/**
 * The client process is the parent: kubectl, or another program that has client-go in it. A process ID names many processes, one
 * after another. On Linux its start time comes with it, and the address where its stack begins: execve(2) draws a new one, so it
 * tells kubectl from a wrapper that has become kubectl. On other systems both would take a subprocess, which takes longer than
 * the whole hit, so the process ID has to do.
 * @returns undefined when the parent is not one client
 */
export function clientOf({ pid, stat }: Parent): string | undefined {
  // 0: the parent is outside of this container.
  if (pid <= 0) return undefined;
  if (stat === undefined) return pid === 1 ? undefined : String(pid);
  const { started, stack } = fieldsOf(stat);
  // Process 1 is a container's only program, or an init that has many children. The kernel shows a user the stack of this user's
  // programs only, and a machine's init is root's.
  if (pid === 1 && stack === "0") return undefined;
  return `${pid}-${started}-${stack}`;
}

/** Fields 22 and 28. The program's name, field 2, may hold anything, parentheses and spaces included. */
function fieldsOf(stat: string): { started: string; stack: string } {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): string => fields[number - 3] ?? "0";
  return { started: field(22), stack: field(28) };
}

/** Nearly four thousand clients, more than one token ever sees. */
const longestText = 64 * 1024;

/** @param folder that has been found private */
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

/** One call appends, and the kernel does not mix it with another one. */
function append(path: string, addition: (text: string) => string): string {
  const file = openSync(path, "a+", 0o600);
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

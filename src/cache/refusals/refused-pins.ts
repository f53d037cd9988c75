/**
 * Notes of the PINs that are being tried and those that a token refused, in the private folder. A note names the token and the source by
 * a hash, and is no function of the PIN.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { makeFolder } from "../../foundation/files/make-folder.ts";
import type { Sha256 } from "../../foundation/ports.ts";
import { dirname, join } from "node:path";
import { attempt, systemCode } from "../../foundation/system-error.ts";
import type { RefusedPins } from "../../keys/password/unlock.ts";
import { findPrivateFolder, madePrivate, type FolderInputs } from "../private-folder.ts";

export interface RefusedPinsInputs extends Omit<FolderInputs, "uid"> {
  /** Undefined on Windows, where no folder is known to be private. */
  uid: number | undefined;
  /** Of programs' data that outlives a session and a reboot. */
  stateFolder: string | undefined;
  pid: number;
  isAlive: (pid: number) => boolean;
  sha256: Sha256;
}

/** Milliseconds between two looks at another process that tries the same PIN, and how long it may take. */
const pause = 50;
const patience = 60_000;
/** Milliseconds to write a note, once it is created. */
const patienceWithWriter = 1_000;
/** A process that is killed in the middle of a try may have used one up. A card locks after three. */
const mostUnfinished = 2;

export function refusedPins({ pid, isAlive, sha256, ...folders }: RefusedPinsInputs): RefusedPins {
  const folder = folderOf(folders);
  if (folder === undefined) return withoutNotes;
  const prefix = (lock: string): string => `pin-${sha256(lock).slice(0, 16)}-`;
  const pathOf = (lock: string, source: string): string =>
    `${folder}/${prefix(lock)}${sha256(source).slice(0, 16)}`;
  const notesOf = (lock: string): string[] =>
    readdirSync(folder)
      .filter((name) => name.startsWith(prefix(lock)))
      .map((name) => `${folder}/${name}`);
  return {
    begin: async (lock, source, warned) => {
      try {
        const isFinal = warned === "PIN_FINAL_TRY";
        if (isFinal && notesOf(lock).some((path) => noteIn(path).state === "refused")) return "final";
        return await begun(pathOf(lock, source), { pid, isAlive });
      } catch (error) {
        // The disk is full, or cannot be written.
        if (systemCode(error) === "") throw error;
        return withoutNotes.begin(lock, source, warned);
      }
    },
    refused: (lock, source) => {
      ifPossible(() => {
        markRefused(pathOf(lock, source));
      });
    },
    accepted: (lock, source) => {
      ifPossible(() => {
        for (const path of source === undefined ? notesOf(lock) : [pathOf(lock, source)]) removed(path);
      });
    },
  };
}

/** A note that stays as it is counts as an unfinished try. */
function ifPossible(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (systemCode(error) === "") throw error;
  }
}

/** Writes over the note in place, which needs no space on a full disk. */
function markRefused(path: string): void {
  if (created(path, "refused")) return;
  const file = openSync(path, "r+");
  try {
    ftruncateSync(file, writeSync(file, "refused", 0));
  } finally {
    closeSync(file);
  }
}

/** The runtime folder goes with the last session of its user, and the temporary one with a reboot, so they are the second choice. */
function folderOf({
  uid,
  stateFolder,
  ...others
}: Omit<RefusedPinsInputs, keyof Self | "sha256">): string | undefined {
  if (uid === undefined) return undefined;
  const path = stateFolder && join(stateFolder, "eks-x509");
  return path && isUsable(path, uid) ? path : findPrivateFolder({ uid, ...others }).path;
}

function isUsable(path: string, uid: number): boolean {
  try {
    // With sudo -E, the home is another user's, who could no longer write into a folder that root creates there.
    if (statSync(firstExisting(path)).uid !== uid) return false;
    makeFolder(dirname(path), 0o700);
    if (madePrivate(path, uid) !== undefined) return false;
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function firstExisting(path: string): string {
  return existsSync(path) ? path : firstExisting(dirname(path));
}

/** A note that cannot be made is one that stops nobody. The token itself reports that some wrong PIN was entered. */
const withoutNotes: RefusedPins = {
  begin: (_lock, _source, warned) => Promise.resolve(warned === undefined ? undefined : "unnoted"),
  refused: () => undefined,
  accepted: () => undefined,
};

type Self = Pick<RefusedPinsInputs, "pid" | "isAlive">;

/** Notes a try at this path, once no other process is at it. */
async function begun(path: string, { pid, isAlive }: Self): Promise<"refused" | undefined> {
  const trying = (count: number): string => `trying ${count} ${pid}`;
  for (let waited = 0; ; waited += pause) {
    if (created(path, trying(1))) return undefined;
    const { state, count, pid: other } = noteIn(path);
    if (state === "refused") return "refused";
    const isLeft = state === "trying" && (!isAlive(other) || waited >= patience);
    const isNeverWritten = state === "unwritten" && waited >= patienceWithWriter;
    if (isLeft || isNeverWritten) {
      if (count >= mostUnfinished) return "refused";
      if (takenOver(path, trying(count + 1))) return undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function removed(path: string): void {
  attempt(() => {
    unlinkSync(path);
  }, ["ENOENT"]);
}

function created(path: string, text: string): boolean {
  return attempt(() => {
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
  }, ["EEXIST"]);
}

/** Of several processes that see the same note, one renames it. */
function takenOver(path: string, text: string): boolean {
  const mine = `${path}.${text.replaceAll(" ", "-")}`;
  const isMine = attempt(() => {
    renameSync(path, mine);
  }, ["ENOENT"]);
  if (!isMine) return false;
  unlinkSync(mine);
  return created(path, text);
}

interface Note {
  /** `unwritten`: it is being written, or whoever began it was killed, or the disk was full. */
  state: "refused" | "trying" | "gone" | "unwritten";
  /** Of unfinished tries. */
  count: number;
  pid: number;
}

function noteIn(path: string): Note {
  let text = "";
  const isThere = attempt(() => {
    text = readFileSync(path, "utf8");
  }, ["ENOENT"]);
  if (text.startsWith("refused")) return { state: "refused", count: 0, pid: 0 };
  const [, count, pid] = /^trying (\d+) (\d+)$/.exec(text) ?? [];
  if (count === undefined) return { state: isThere ? "unwritten" : "gone", count: 1, pid: 0 };
  return { state: "trying", count: Number(count), pid: Number(pid) };
}

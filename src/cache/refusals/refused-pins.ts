/**
 * Notes of the PINs that are being tried and those that a token refused, in the private folder. A note names the token and the source by
 * a hash, and is no function of the PIN.
 */
import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import type { Sha256 } from "../../foundation/ports.ts";
import { dirname, join } from "node:path";
import { attempt } from "../../foundation/system-error.ts";
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
      const isFinal = warned === "PIN_FINAL_TRY";
      if (isFinal && notesOf(lock).some((path) => noteIn(path).state === "refused")) return "final";
      return begun(pathOf(lock, source), { pid, isAlive });
    },
    refused: (lock, source) => {
      writeFileSync(pathOf(lock, source), "refused", { mode: 0o600 });
    },
    accepted: (lock, source) => {
      for (const path of source === undefined ? notesOf(lock) : [pathOf(lock, source)]) removed(path);
    },
  };
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
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (madePrivate(path, uid) !== undefined) return false;
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
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
    if (state === "trying" && (!isAlive(other) || waited >= patience)) {
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
    const file = openSync(path, "wx", 0o600);
    writeSync(file, text);
    closeSync(file);
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
  state: "refused" | "trying" | "gone";
  count: number;
  pid: number;
}

/** An empty note is one that is being written. */
function noteIn(path: string): Note {
  let text = "";
  const isThere = attempt(() => {
    text = readFileSync(path, "utf8");
  }, ["ENOENT"]);
  const [state, count, pid] = text.split(" ");
  if (state === "refused") return { state, count: 0, pid: 0 };
  if (!isThere || state !== "trying") return { state: "gone", count: 0, pid: 0 };
  return { state, count: Number(count), pid: Number(pid) };
}

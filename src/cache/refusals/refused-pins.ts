/**
 * Notes of the PINs that are being tried and those that a token refused, in the private folder. A note names the token and the source by
 * a hash, and is no function of the PIN.
 */
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import type { Sha256 } from "../../foundation/ports.ts";
import { attempt } from "../../foundation/system-error.ts";
import { findPrivateFolder, type FolderInputs } from "../private-folder.ts";

export interface RefusedPinsInputs extends Omit<FolderInputs, "uid"> {
  /** Undefined on Windows, where no folder is known to be private. */
  uid: number | undefined;
  pid: number;
  isAlive: (pid: number) => boolean;
  sha256: Sha256;
}

export interface Notes {
  /** Notes the try before it is made, so that no other process makes it too. @returns false if the token refused it before */
  begin: (lock: string, source: string) => Promise<boolean>;
  refused: (lock: string, source: string) => void;
  /** Removes the note of the source; without a source, all notes of the lock. */
  accepted: (lock: string, source?: string) => void;
}

/** Milliseconds between two looks at another process that tries the same PIN, and how long it may take. */
const pause = 50;
const patience = 60_000;
/** A process that is killed in the middle of a try may have used one up. A card locks after three. */
const mostUnfinished = 2;

/** Without a private folder nothing is noted: each run tries its source. */
export function refusedPins({ uid, pid, isAlive, sha256, ...folders }: RefusedPinsInputs): Notes {
  const folder = uid === undefined ? undefined : findPrivateFolder({ uid, ...folders }).path;
  if (folder === undefined)
    return { begin: () => Promise.resolve(true), refused: () => undefined, accepted: () => undefined };
  const prefix = (lock: string): string => `pin-${sha256(lock).slice(0, 16)}-`;
  const pathOf = (lock: string, source: string): string =>
    `${folder}/${prefix(lock)}${sha256(source).slice(0, 16)}`;
  const trying = (count: number): string => `trying ${count} ${pid}`;
  return {
    begin: async (lock, source) => {
      const path = pathOf(lock, source);
      for (let waited = 0; ; waited += pause) {
        if (created(path, trying(1))) return true;
        const { state, count, pid: other } = noteIn(path);
        if (state === "refused") return false;
        if (state === "trying" && (!isAlive(other) || waited >= patience)) {
          if (count >= mostUnfinished) return false;
          if (takenOver(path, trying(count + 1))) return true;
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    },
    refused: (lock, source) => {
      writeFileSync(pathOf(lock, source), "refused", { mode: 0o600 });
    },
    accepted: (lock, source) => {
      const names =
        source === undefined ? readdirSync(folder).filter((name) => name.startsWith(prefix(lock))) : [];
      const paths = source === undefined ? names.map((name) => `${folder}/${name}`) : [pathOf(lock, source)];
      for (const path of paths)
        attempt(() => {
          unlinkSync(path);
        }, ["ENOENT"]);
    },
  };
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

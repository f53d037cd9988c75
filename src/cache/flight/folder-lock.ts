/**
 * The lock of POSIX systems: Unix sockets in a private folder, each at `<name>/<id>`.
 *
 * A process that wants the lock prepares `new-<id>/<id>`, a folder with a socket that listens, and renames that folder to
 * `<name>`. rename(2) replaces an empty folder and refuses one that holds anything, in one step: exactly one process
 * wins. An id is six characters by mkdtemp(3), never used twice, so a path stands for one holder for ever. Once a connection to it
 * is refused, that holder is dead; to free its place is to unlink that path, which cannot touch the socket of whoever
 * came next, however late it happens. With one fixed path (and with numbered ones that start again at 1), a slow
 * process could unlink the socket of a living holder.
 */
import { lstatSync, mkdtempSync, readdirSync, renameSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import type { Server } from "node:net";
import { listen, type Lock, type Taken } from "./lock.ts";
import { attempt } from "../../foundation/system-error.ts";

/** @param folder that has been found private, see src/cache/private-folder.ts */
export function folderLock(folder: string): Lock {
  return {
    take: async (name, server) => {
      const place = `${folder}/${name}`;
      const holder = holderIn(place);
      return holder === undefined ? contend(folder, place, server) : { kind: "other", holder };
    },
    free: (holder) => {
      attempt(() => {
        unlinkSync(holder);
      }, ["ENOENT"]);
      return true;
    },
    confidential: true,
  };
}

async function contend(folder: string, place: string, server: Server): Promise<Taken> {
  const stage = mkdtempSync(`${folder}/new-`);
  try {
    const id = stage.slice(-6);
    // Listening comes first: no connection to a socket in a place is ever refused while its holder lives.
    await listen(server, `${stage}/${id}`);
    const holder = enter(stage, place);
    if (holder !== undefined) {
      discard(stage, server);
      return { kind: "other", holder };
    }
    sweep(folder);
    return {
      kind: "held",
      release: () => {
        leave(place, id);
      },
    };
  } catch (error) {
    discard(stage, server);
    throw error;
  }
}

/** @returns the holder, when another was first */
function enter(stage: string, place: string): string | undefined {
  for (;;) {
    // Linux says ENOTEMPTY, others EEXIST.
    if (
      attempt(() => {
        renameSync(stage, place);
      }, ["ENOTEMPTY", "EEXIST"])
    )
      return undefined;
    const holder = holderIn(place);
    if (holder !== undefined) return holder;
    // It has left in the meantime.
  }
}

function holderIn(place: string): string | undefined {
  let ids: string[] = [];
  attempt(() => {
    ids = readdirSync(place);
  }, ["ENOENT"]);
  return ids[0] === undefined ? undefined : `${place}/${ids[0]}`;
}

/** Best effort: what stays is not listened at, so the next one takes the place, and sweep() the rest. */
function leave(place: string, id: string): void {
  try {
    unlinkSync(`${place}/${id}`);
    // Refused when the next holder has moved in.
    rmdirSync(place);
  } catch {
    return;
  }
}

/** Closing unlinks the path that was listened at; no other process has had a path of that name. */
function discard(stage: string, server: Server): void {
  server.close();
  rmSync(stage, { recursive: true, force: true });
}

/** No work takes as long: what is older was left by a process that was killed. */
const oldest = 10 * 60_000;

/** The names that this file makes: a place, the folder that a process prepares, and the id of a holder. */
const placeForm = /^([0-9a-f]{24}|new-[0-9A-Za-z]{6})$/;
const idForm = /^[0-9A-Za-z]{6}$/;

/** Removes what killed processes left: sockets by their unique paths, and empty folders. Nothing of another form or type. */
export function sweep(folder: string): void {
  const before = Date.now() - oldest;
  for (const entry of readdirSync(folder).filter((name) => placeForm.test(name))) {
    try {
      sweepPlace(`${folder}/${entry}`, before);
    } catch {
      // Another process sweeps at the same time, or the folder holds something of another form, which stays.
    }
  }
}

function sweepPlace(place: string, before: number): void {
  const found = lstatSync(place);
  if (!found.isDirectory() || found.mtimeMs >= before) return;
  for (const id of readdirSync(place).filter((name) => idForm.test(name)))
    if (lstatSync(`${place}/${id}`).isSocket()) unlinkSync(`${place}/${id}`);
  rmdirSync(place);
}

/** One place for each key, at which at most one process listens. The process that listens holds the lock. */
import { once } from "node:events";
import type { Server } from "node:net";
import { attempt, systemCode } from "../../foundation/system-error.ts";
import { lstatSync, mkdtempSync, readdirSync, renameSync, rmSync, rmdirSync, unlinkSync } from "node:fs";

export interface Lock {
  /**
   * Lets the server listen in the place of this name, or returns the process that already listens there, which can be dead.
   * The server is closed if another process was first.
   * @throws any error of the system. The work is then done without a lock
   */
  take: (name: string, server: Server) => Promise<Taken>;
  /**
   * Frees the place of a holder that is dead or hangs, and never the place of a later holder.
   * @returns false if this is not possible
   */
  free: (holder: string) => boolean;
  /** Whether only this user's programs can listen and connect here, so that a secret can be sent. */
  confidential: boolean;
}

export type Taken = { kind: "held"; release: () => void } | { kind: "other"; holder: string };

/** Number of processes that can connect while the holder works. The kernel has its own limit (128 on macOS, 4096 on Linux). */
const longestQueue = 4096;

/** @param path of a Unix socket, or the name of a Windows pipe */
export async function listen(server: Server, path: string): Promise<void> {
  server.listen({ path, backlog: longestQueue });
  await once(server, "listening");
}

/**
 * The lock of Windows: a named pipe. It ends with the process that listens on it, so no place is ever stale.
 *
 * NOT TESTED ON WINDOWS. The tests use Linux's abstract sockets, which have the same rules (one listener, no file).
 * Node cannot restrict the access to a pipe. By default every user of the machine can read from one, and can be the first
 * to listen on a name. So nothing is sent through it: a waiting process learns that the holder has ended, and reads the
 * keychain.
 * @param prefix such as `\\.\pipe\eks-x509-<user>-`
 */
export function pipeLock(prefix: string): Lock {
  return {
    take: async (name, server) => {
      const pipe = `${prefix}${name}`;
      try {
        await listen(server, pipe);
      } catch (error) {
        server.close();
        if (systemCode(error) === "EADDRINUSE") return { kind: "other", holder: pipe };
        throw error;
      }
      // Closing the server releases it.
      return { kind: "held", release: () => undefined };
    },
    free: () => false,
    confidential: false,
  };
}

/**
 * The lock of POSIX systems: Unix sockets in a private folder, each at `<name>/<id>`.
 *
 * A process that wants the lock prepares `new-<id>/<id>`, a folder with a socket that listens, and renames that folder to
 * `<name>`. rename(2) replaces an empty folder and refuses one that holds anything, in one step: exactly one process
 * wins. An id has six characters from mkdtemp(3) and is never used twice, so a path always names the same holder. If a
 * connection to it is refused, that holder is dead. Freeing its place removes that path, which cannot affect the socket of a
 * later holder, whenever it happens. With one fixed path, or with numbers that start again at 1, a slow
 * process could unlink the socket of a living holder.
 *
 * @param folder that has been found private, see src/cache/private-folder.ts
 */
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
    // It listens first, so a connection to a socket in a place is never refused while its holder lives.
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

/** @returns the holder, if another process was first */
function enter(stage: string, place: string): string | undefined {
  for (;;) {
    const move = (): void => {
      renameSync(stage, place);
    };
    // Linux returns ENOTEMPTY, other systems EEXIST.
    if (attempt(move, ["ENOTEMPTY", "EEXIST"])) return undefined;
    const holder = holderIn(place);
    if (holder !== undefined) return holder;
    // It has ended in the meantime.
  }
}

function holderIn(place: string): string | undefined {
  let ids: string[] = [];
  attempt(() => {
    ids = readdirSync(place);
  }, ["ENOENT"]);
  return ids[0] === undefined ? undefined : `${place}/${ids[0]}`;
}

/** Best effort. If it fails, no process listens there, the next one takes the place, and sweep() removes the rest. */
function leave(place: string, id: string): void {
  try {
    unlinkSync(`${place}/${id}`);
    // Refused if the next holder is already there.
    rmdirSync(place);
  } catch {
    return;
  }
}

/** Closing removes the path of the socket. No other process has had a path of that name. */
function discard(stage: string, server: Server): void {
  server.close();
  rmSync(stage, { recursive: true, force: true });
}

/** No work takes that long, so an older folder was left by a killed process. */
const oldest = 10 * 60_000;

/** The names of this file: a place, the folder that a process prepares, and the id of a holder. */
const placeForm = /^([0-9a-f]{24}|new-[0-9A-Za-z]{6})$/;
const idForm = /^[0-9A-Za-z]{6}$/;

/** Removes the remains of killed processes: sockets by their unique paths, and empty folders. Nothing of another form or type. */
export function sweep(folder: string): void {
  const before = Date.now() - oldest;
  for (const entry of readdirSync(folder).filter((name) => placeForm.test(name))) {
    try {
      sweepPlace(`${folder}/${entry}`, before);
    } catch {
      // Another process sweeps at the same time, or the folder contains a file of another form, which stays.
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

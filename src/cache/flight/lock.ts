/** One place for each key, at which at most one process listens. The process that listens holds the lock. */
import type { Server } from "node:net";
import { attempt, systemCode } from "../../foundation/system-error.ts";
import { lstatSync, mkdtempSync, readdirSync, renameSync, rmSync, rmdirSync, unlinkSync } from "node:fs";

export interface Lock {
  /**
   * Has the server listen in the place of this name, or names the process that listens there already; that one may be dead.
   * The server is closed again when another was first.
   * @throws any error of the system: then there is no lock, and the work is done without one
   */
  take: (name: string, server: Server) => Promise<Taken>;
  /**
   * Frees the place of a holder that is dead or hangs: of this holder only, never of one that came after it.
   * @returns false when that cannot be done
   */
  free: (holder: string) => boolean;
  /** Whether only this user's programs can listen and connect here, so that a secret may pass. */
  confidential: boolean;
}

export type Taken = { kind: "held"; release: () => void } | { kind: "other"; holder: string };

/** Processes that connect while the holder computes. The kernel has a limit of its own (128 on macOS, 4096 on Linux). */
const longestQueue = 4096;

/** @param path of a Unix socket, or the name of a Windows pipe */
export function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path, backlog: longestQueue }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/**
 * The lock of Windows: a named pipe. It vanishes with the process that listens at it, so no place is ever stale.
 *
 * NOT TESTED ON WINDOWS. The tests use Linux's abstract sockets, which have the same rules (one listener, no file).
 * Node does not let a program choose who may open a pipe. By default every user of the machine can read from one, and can be the
 * first to listen at a name. So nothing passes through it: a process that waits learns that the holder is done, and reads the keychain.
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
 * wins. An id is six characters by mkdtemp(3), never used twice, so a path stands for one holder for ever. Once a connection to it
 * is refused, that holder is dead; to free its place is to unlink that path, which cannot touch the socket of whoever
 * came next, however late it happens. With one fixed path (and with numbered ones that start again at 1), a slow
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

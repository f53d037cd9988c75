/** Reads, changes and writes a kubeconfig while no other process writes it. */
import type { Clock, Environment, Log, Machine, Signals } from "../../foundation/ports.ts";
import { type Edited, editKubeconfig } from "../edit/edit.ts";
import type { KubeconfigEntries } from "../edit/entries.ts";
import { type WriteMode, makeFolder, replaceFile } from "./atomic-write.ts";
import { disk, type Disk, isFolder } from "./disk.ts";
import {
  holdsCluster,
  isSameFile,
  kubeconfigToWrite,
  type KubeconfigFile,
  pathsTo,
  readKubeconfig,
} from "./read-file.ts";
import { basename, dirname, join } from "node:path";
import { EksX509Error } from "../../foundation/errors.ts";
import { type LockPorts, uninterrupted, withLocks } from "./lock.ts";

/** The kubeconfig files of this machine: a port. */
export type KubeconfigDisk = ReturnType<typeof kubeconfigDisk>;

export interface KubeconfigDiskPorts {
  clock: Clock;
  signals: Signals;
  cache: { singleFlight: (mode: "none", log: Log) => Promise<{ inTurn: InTurn }> };
}

/** Does the work when no other process of this user works under that name. The turn of a process that is killed ends. */
type InTurn = <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;

export function kubeconfigDisk({ clock, signals, cache }: KubeconfigDiskPorts) {
  const common = {
    clock,
    signals,
    disk,
    pause: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
    random: () => Math.random(),
  };
  return {
    /** The file to write: the first that contains one of the clusters. */
    choose: (
      flag: string | undefined,
      env: Environment,
      machine: Machine,
      clusters: ReadonlySet<unknown>,
    ): string => kubeconfigToWrite(flag, env, machine, (path) => holdsCluster(path, clusters, disk)),
    isSame: (one: string, other: string): boolean => isSameFile(one, other, disk),
    read: (path: string): string | undefined => readKubeconfig(path, disk)?.text,
    writeEntries: (
      path: string,
      entries: readonly KubeconfigEntries[],
      how: { mode: WriteMode; log: Log },
      check: (edited: Edited) => void,
    ): Promise<Edited> => writeEntries(path, entries, { ...common, ...how }, check),
    /** A file that no other program locks. */
    updateInTurn: async <Edited extends { text: string }>(path: string, edit: Edit<Edited>, log: Log) =>
      updateInTurn(path, edit, { signals, disk, ...(await cache.singleFlight("none", log)) }),
  };
}

export interface UpdatePorts extends LockPorts {
  /** `in place` for a file that cannot be replaced. */
  mode?: WriteMode;
}

export interface Updated<Edited> {
  edited: Edited;
  isWritten: boolean;
}

/** @param text undefined if the file does not exist */
export type Edit<Edited> = (text: string | undefined) => Edited;

/** Maximum number of attempts if the file changes during the edit. After them, the edit runs under the lock. */
const mostEditsAhead = 5;

/**
 * kubectl locks a file under the name from its options. So this locks that name, and every other name that leads, through
 * links, to the same file.
 *
 * @param path as the user wrote it
 * @param edit returns the same for the same text. It runs before the lock is taken, because a large kubeconfig takes longer
 * than others should wait; a signal ends it at once. If its text is the file's text, nothing is written
 * @throws EksX509Error KUBECONFIG_LOCKED, KUBECONFIG_BUSY, those of pathsTo(), readKubeconfig() and replaceFile(), and
 * the errors of `edit`
 */
export async function updateKubeconfigFile<Edited extends { text: string }>(
  path: string,
  edit: Edit<Edited>,
  ports: UpdatePorts,
): Promise<Updated<Edited>> {
  const { disk, mode = "replace" } = ports;
  const { paths, target } = placeFor(path, disk);
  // In the same order for every process, as in client-go.
  const locks = [...new Set(paths)].sort().map((name) => `${name}.lock`);
  let ahead: Ahead<Edited> | undefined;
  let edits = 0;
  const prepare = (): void => {
    ahead = editedAhead(target, edit, disk, ahead);
    edits += 1;
  };
  const whileLocked = (): Updated<Edited> | undefined => {
    const found = readKubeconfig(target, disk);
    const isStale = ahead !== undefined && ahead.text !== found?.text;
    if (isStale && edits < mostEditsAhead) return undefined;
    return written({ path: target, found, mode }, ahead && !isStale ? ahead.edited : edit(found?.text), disk);
  };
  return withLocks(locks, { prepare, whileLocked }, ports);
}

/** Makes the folders of the file and of the link that leads to it. */
function placeFor(path: string, disk: Disk): { paths: readonly string[]; target: string } {
  const paths = pathsTo(path, disk);
  const target = paths.at(-1) ?? path;
  if (/^(\.\.?)?$/.test(basename(target)) || target.endsWith("/")) throw isFolder(target);
  for (const name of new Set([path, target])) makeFolder(dirname(name), disk);
  return { paths, target };
}

function written<Edited extends { text: string }>(
  { path, found, mode }: { path: string; found: KubeconfigFile | undefined; mode: WriteMode },
  edited: Edited,
  disk: Disk,
): Updated<Edited> {
  if (edited.text === found?.text) return { edited, isWritten: false };
  replaceFile({ path, status: found?.status, mode }, edited.text, disk);
  return { edited, isWritten: true };
}

type InTurnPorts = Pick<UpdatePorts, "disk" | "signals"> & { inTurn: InTurn };

/**
 * @param edit returns the new text, from the text that is replaced
 * @throws as updateKubeconfigFile(), but for those of the lock
 */
async function updateInTurn<Edited extends { text: string }>(
  path: string,
  edit: Edit<Edited>,
  { disk, signals, inTurn }: InTurnPorts,
): Promise<Updated<Edited>> {
  const { target } = placeFor(path, disk);
  const work = (): Updated<Edited> => {
    const found = readKubeconfig(target, disk);
    return written({ path: target, found, mode: "replace" }, edit(found?.text), disk);
  };
  // One name for each file, whichever linked folder leads to it.
  const name = join(disk.realpathSync(dirname(target)), basename(target));
  return inTurn(name, () => uninterrupted(work, signals));
}

interface Ahead<Edited> {
  text: string | undefined;
  edited: Edited;
}

/** A problem that is found without the lock can be a half-written file of kubectl, so the edit runs again with the lock. */
function editedAhead<Edited>(
  path: string,
  edit: Edit<Edited>,
  disk: Disk,
  last: Ahead<Edited> | undefined,
): Ahead<Edited> | undefined {
  try {
    const text = readKubeconfig(path, disk)?.text;
    return last?.text === text && last ? last : { text, edited: edit(text) };
  } catch (error) {
    if (error instanceof EksX509Error) return undefined;
    throw error;
  }
}

/** Milliseconds. kubectl takes a few from reading to locking. */
const secondLook = 200;
const mostTimes = 5;

/**
 * @param path as the user wrote it
 * @param check throws for an edit that is not allowed
 * @returns the changes of the first write
 * @throws EksX509Error those of updateKubeconfigFile() and editKubeconfig()
 */
export async function writeEntries(
  path: string,
  entries: readonly KubeconfigEntries[],
  ports: UpdatePorts,
  check: (edited: Edited) => void = () => undefined,
): Promise<Edited> {
  const edit = (text = ""): Edited => {
    const edited = editKubeconfig({ name: path, text }, entries);
    check(edited);
    return edited;
  };
  const first = await updateKubeconfigFile(path, edit, ports);
  let { isWritten } = first;
  for (let time = 1; time < mostTimes && isWritten; time++) {
    await ports.pause(secondLook);
    if (areThere(path, entries, ports.disk)) break;
    ports.log(`another program removed the entries from ${path}; writing them again`);
    ({ isWritten } = await updateKubeconfigFile(path, edit, ports));
  }
  return first.edited;
}

/** Another process can have changed the current context since. */
function areThere(path: string, entries: readonly KubeconfigEntries[], disk: Disk): boolean {
  try {
    const text = readKubeconfig(path, disk)?.text ?? "";
    const others = entries.map((entry) => ({ ...entry, isCurrent: false }));
    return editKubeconfig({ name: path, text }, others).text === text;
  } catch (error) {
    // kubectl writes into the file and readers take no lock, so half of it can be there.
    if (error instanceof EksX509Error) return false;
    throw error;
  }
}

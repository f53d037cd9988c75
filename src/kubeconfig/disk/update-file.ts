/** A kubeconfig, read, changed and written while nobody else writes it. */
import { basename, dirname } from "node:path";
import { EksX509Error } from "../../foundation/errors.ts";
import { makeFolder, replaceFile, type WriteMode } from "./atomic-write.ts";
import { isFolder, type Disk } from "./disk.ts";
import { withLocks, type LockPorts } from "./lock.ts";
import { pathsTo, readKubeconfig } from "./read-file.ts";

export interface UpdatePorts extends LockPorts {
  /** `in place` for a file that cannot be replaced. */
  mode?: WriteMode;
}

export interface Updated<Edited> {
  edited: Edited;
  isWritten: boolean;
}

/** @param text undefined when there is no such file */
export type Edit<Edited> = (text: string | undefined) => Edited;

/** How often the edit is made again, for a file that changes while it is made. After that it is made under the lock. */
const mostEditsAhead = 5;

/**
 * kubectl locks a file by the name that it was given. So the given name is locked, and each other name that leads, by
 * links, to the same file.
 *
 * @param path as it was given
 * @param edit the same for the same text. It is made before the lock is taken, since a large kubeconfig takes longer
 * than others should wait; a signal ends it at once. When its text is the file's, nothing is written
 * @throws EksX509Error KUBECONFIG_LOCKED, KUBECONFIG_BUSY, those of pathsTo(), readKubeconfig() and replaceFile(), and
 * what `edit` throws
 */
export async function updateKubeconfigFile<Edited extends { text: string }>(
  path: string,
  edit: Edit<Edited>,
  ports: UpdatePorts,
): Promise<Updated<Edited>> {
  const { disk, mode = "replace" } = ports;
  const paths = pathsTo(path, disk);
  const target = paths.at(-1) ?? path;
  if (/^(\.\.?)?$/.test(basename(target)) || target.endsWith("/")) throw isFolder(target);
  for (const name of new Set([path, target])) makeFolder(dirname(name), disk);
  // In one order for everybody, as client-go does with several files.
  const locks = [...new Set(paths)].sort().map((name) => `${name}.lock`);
  let ahead: Ahead<Edited> | undefined;
  let edits = 0;
  const prepare = (): void => {
    ahead = editedAhead(target, edit, disk, ahead);
    edits += 1;
  };
  const whileLocked = (): Updated<Edited> | undefined => {
    const found = readKubeconfig(target, disk);
    if (ahead?.text !== found?.text && edits < mostEditsAhead) return undefined;
    const edited = ahead && ahead.text === found?.text ? ahead.outcome() : edit(found?.text);
    if (edited.text === found?.text) return { edited, isWritten: false };
    replaceFile({ path: target, status: found?.status, mode }, edited.text, disk);
    return { edited, isWritten: true };
  };
  return withLocks(locks, { prepare, whileLocked }, ports);
}

interface Ahead<Edited> {
  text: string | undefined;
  /** Throws what the edit threw. */
  outcome: () => Edited;
}

/** What is wrong with the file without the lock, such as half of what kubectl is writing, may be right with it. */
function editedAhead<Edited>(
  path: string,
  edit: Edit<Edited>,
  disk: Disk,
  last: Ahead<Edited> | undefined,
): Ahead<Edited> | undefined {
  try {
    const text = readKubeconfig(path, disk)?.text;
    return last?.text === text && last ? last : { text, outcome: outcomeOf(() => edit(text)) };
  } catch (error) {
    if (error instanceof EksX509Error) return undefined;
    throw error;
  }
}

function outcomeOf<Edited>(edit: () => Edited): () => Edited {
  try {
    const edited = edit();
    return () => edited;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

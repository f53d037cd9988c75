/** A kubeconfig, read, changed and written while nobody else does so. */
import { basename, dirname } from "node:path";
import { EksX509Error } from "../../foundation/errors.ts";
import { replaceFile } from "./atomic-write.ts";
import { isFolder, writeFailure, type Disk } from "./disk.ts";
import { withLocks, type LockPorts } from "./lock.ts";
import { pathsTo, readKubeconfig } from "./read-file.ts";
import { uninterrupted, type SignalPorts } from "./uninterrupted.ts";

export type UpdatePorts = LockPorts & SignalPorts;

export interface Updated<Edited> {
  edited: Edited;
  isWritten: boolean;
}

/**
 * kubectl locks a file by the name that it was given. So the given name is locked, and each other one that leads, by links, to
 * the same file.
 *
 * @param path as it was given
 * @param edit the same for the same text; what takes it long is done before the lock is taken. When its text is what it got,
 * nothing is written
 * @throws EksX509Error KUBECONFIG_LOCKED, KUBECONFIG_BUSY, KUBECONFIG_LINK_LOOP, KUBECONFIG_IS_FOLDER, those of readKubeconfig()
 * and replaceFile(), and what `edit` throws
 */
export async function updateKubeconfigFile<Edited extends { text: string }>(
  path: string,
  edit: Edit<Edited>,
  ports: UpdatePorts,
): Promise<Updated<Edited>> {
  const { disk } = ports;
  const paths = pathsTo(path, disk);
  const target = paths.at(-1) ?? path;
  if (/^(\.\.?)?$/.test(basename(target)) || target.endsWith("/")) throw isFolder(target);
  for (const name of new Set([path, target])) makeFolderOf(name, disk);
  // In one order for everybody, as client-go does with several files.
  const locks = [...new Set(paths)].sort().map((name) => `${name}.lock`);
  const ahead = new EditAhead(edit);
  const prepare = (): void => {
    ahead.prepare(target, disk);
  };
  const update = () =>
    withLocks(locks, { prepare, whileLocked: () => updateLocked(target, ahead, disk) }, ports);
  return uninterrupted(update, ports);
}

function updateLocked<Edited extends { text: string }>(
  path: string,
  ahead: EditAhead<Edited>,
  disk: Disk,
): Updated<Edited> {
  const found = readKubeconfig(path, disk);
  const edited = ahead.editedOf(found?.text);
  if (edited.text === found?.text) return { edited, isWritten: false };
  replaceFile({ path, status: found?.status }, edited.text, disk);
  return { edited, isWritten: true };
}

function makeFolderOf(path: string, disk: Disk): void {
  try {
    disk.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/** @param text undefined when there is no such file */
export type Edit<Edited> = (text: string | undefined) => Edited;

/** An edit, made before the lock is taken: reading a large kubeconfig takes longer than others should wait. */
class EditAhead<Edited> {
  readonly #edit: Edit<Edited>;
  #done: { text: string | undefined; outcome: () => Edited } | undefined;

  constructor(edit: Edit<Edited>) {
    this.#edit = edit;
  }

  /** Whatever is wrong with the file without a lock, such as half of what kubectl is writing, may be right with one. */
  prepare(path: string, disk: Disk): void {
    try {
      this.#outcomeOf(readKubeconfig(path, disk)?.text);
    } catch (error) {
      if (!(error instanceof EksX509Error)) throw error;
    }
  }

  editedOf(text: string | undefined): Edited {
    return this.#outcomeOf(text)();
  }

  #outcomeOf(text: string | undefined): () => Edited {
    if (this.#done && this.#done.text === text) return this.#done.outcome;
    const outcome = outcomeOf(() => this.#edit(text));
    this.#done = { text, outcome };
    return outcome;
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

/** A kubeconfig, read, changed and written while nobody else does so. */
import { basename, dirname } from "node:path";
import { replaceFile } from "./atomic-write.ts";
import type { Disk } from "./disk.ts";
import { EditAhead, type Edit } from "./edit-ahead.ts";
import { isFolder, writeFailure } from "./failures.ts";
import { withLocks, type LockPorts } from "./lock.ts";
import { readKubeconfig } from "./read-file.ts";
import { pathsTo } from "./target.ts";
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

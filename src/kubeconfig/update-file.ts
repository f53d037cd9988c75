/** A kubeconfig, read, changed and written while nobody else does so. */
import { dirname } from "node:path";
import { replaceFile } from "./atomic-write.ts";
import type { Disk } from "./disk.ts";
import { writeFailure } from "./failures.ts";
import { withLocks, type LockPorts } from "./lock.ts";
import { readKubeconfig } from "./read-file.ts";
import { targetOf } from "./target.ts";
import { uninterrupted, type SignalPorts } from "./uninterrupted.ts";

export type UpdatePorts = LockPorts & SignalPorts;

/**
 * kubectl locks a file by the name that it was given, so that is locked; and, where that is a link, the name of the file that it
 * leads to, for programs that were given that one.
 *
 * @param path as it was given
 * @param edit gets undefined when there is no such file; when it returns what it got, nothing is written
 * @returns whether anything was written
 * @throws EksX509Error KUBECONFIG_LOCKED, KUBECONFIG_BUSY, KUBECONFIG_LINK_LOOP, those of readKubeconfig() and replaceFile(), and
 * what `edit` throws
 */
export async function updateKubeconfigFile(
  path: string,
  edit: (text: string | undefined) => string,
  ports: UpdatePorts,
): Promise<boolean> {
  const { disk } = ports;
  const target = targetOf(path, disk);
  for (const name of new Set([path, target])) makeFolderOf(name, disk);
  // In one order for everybody, as client-go does with several files.
  const locks = [...new Set([path, target])].sort().map((name) => `${name}.lock`);
  const update = () => withLocks(locks, () => updateLocked(target, edit, disk), ports);
  return uninterrupted(update, ports);
}

function updateLocked(path: string, edit: (text: string | undefined) => string, disk: Disk): boolean {
  const found = readKubeconfig(path, disk);
  const text = edit(found?.text);
  if (text === found?.text) return false;
  replaceFile({ path, status: found?.status }, text, disk);
  return true;
}

function makeFolderOf(path: string, disk: Disk): void {
  try {
    disk.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/**
 * Entries, written into a kubeconfig for good.
 *
 * `kubectl config set-…` reads the file before it locks it, and then removes every entry that it did not read
 * (tools/clientcmd/config.go, ModifyConfig): a run of it that began just before this one's write takes the new entries out
 * again. So the file is looked at once more, and written again when they are gone.
 */
import { editKubeconfig, type Edited, type KubeconfigEntries } from "../edit/edit.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { Disk } from "./disk.ts";
import { readKubeconfig } from "./read-file.ts";
import { updateKubeconfigFile, type UpdatePorts } from "./update-file.ts";

/** Milliseconds; kubectl takes a few from reading to locking. */
const secondLook = 200;
const mostTimes = 5;

/**
 * @param path as it was given
 * @param check throws for an edit that must not be made
 * @returns what was changed at first
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
    ports.tell(`another program has taken the entries out of ${path}: writing them again`);
    ({ isWritten } = await updateKubeconfigFile(path, edit, ports));
  }
  return first.edited;
}

/** Which context is current, somebody else may have decided since. */
function areThere(path: string, entries: readonly KubeconfigEntries[], disk: Disk): boolean {
  try {
    const text = readKubeconfig(path, disk)?.text ?? "";
    const others = entries.map((entry) => ({ ...entry, isCurrent: false }));
    return editKubeconfig({ name: path, text }, others).text === text;
  } catch (error) {
    // kubectl writes into the file, without a lock for readers: half of it may be there.
    if (error instanceof EksX509Error) return false;
    throw error;
  }
}

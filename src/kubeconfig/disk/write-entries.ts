/**
 * Writes entries into a kubeconfig so that they stay.
 *
 * `kubectl config set-…` reads the file before it locks it, and then removes every entry that it did not read
 * (tools/clientcmd/config.go, ModifyConfig). If it starts just before this process writes, it removes the new entries.
 * So the file is read once more, and written again if they are missing.
 */
import { editKubeconfig, type Edited } from "../edit/edit.ts";
import type { KubeconfigEntries } from "../edit/entries.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { Disk } from "./disk.ts";
import { readKubeconfig } from "./read-file.ts";
import { updateKubeconfigFile, type UpdatePorts } from "./update-file.ts";

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
    ports.tell(`another program removed the entries from ${path}; writing them again`);
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

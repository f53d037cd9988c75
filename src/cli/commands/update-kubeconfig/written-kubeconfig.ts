/** Entries on their way into the kubeconfig, and what is said of it. */
import type { Streams } from "../../../foundation/ports.ts";
import { editKubeconfig, type Edited, type KubeconfigEntries } from "../../../kubeconfig/edit/edit.ts";
import { printable } from "../../../foundation/printable.ts";

/** A kubeconfig's file, as far as this needs one. */
export interface KubeconfigFile {
  path: string;
  /** Undefined when there is no such file. */
  read: () => string | undefined;
  /** Locked and atomic. */
  write: () => Promise<Edited>;
}

/**
 * Says what the AWS CLI says: `Added new context X to F`, `Updated context X in F`.
 * @throws EksX509Error as editKubeconfig does, and as the file does
 */
export async function writeEntries(
  entries: readonly KubeconfigEntries[],
  file: KubeconfigFile,
  { stdout }: Pick<Streams, "stdout">,
): Promise<void> {
  const edited = await file.write();
  const lines = entries.map(({ context: { name } }, index) => {
    const isNew = edited.each[index]?.context === "added";
    return isNew ? `Added new context ${name} to ${file.path}` : `Updated context ${name} in ${file.path}`;
  });
  await stdout(lines.map((line) => `${printable(line)}\n`).join(""));
}

/** The file as it would be, and nothing else. */
export async function printEntries(
  entries: readonly KubeconfigEntries[],
  file: KubeconfigFile,
  { stdout }: Pick<Streams, "stdout">,
): Promise<void> {
  const { text } = editKubeconfig({ name: file.path, text: file.read() ?? "" }, entries);
  await stdout(text);
}

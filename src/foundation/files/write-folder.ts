/** Writes files into a folder, which it creates. */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EksX509Error, usageError } from "../errors.ts";
import { shownPath } from "../shown.ts";
import { systemCode } from "../system-error.ts";

export interface FileToWrite {
  name: string;
  content: string;
  isExecutable: boolean;
}

/**
 * @param mark a text in each file that this program wrote before. Another file is not replaced
 * @throws EksX509Error SETUP_FOLDER_TAKEN before anything is written; SETUP_FOLDER_UNUSABLE
 */
export async function writeFolder(
  folder: string,
  files: readonly FileToWrite[],
  mark: string,
): Promise<void> {
  try {
    await written(folder, files, mark);
  } catch (error) {
    const code = systemCode(error);
    if (code === "" || error instanceof EksX509Error) throw error;
    const message = `${shownPath(folder)} cannot be written (${code})`;
    throw usageError("SETUP_FOLDER_UNUSABLE", message, "Use another --output-folder.");
  }
}

async function written(folder: string, files: readonly FileToWrite[], mark: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name } of files) await checkOwn(join(folder, name), mark);
  for (const { name, content, isExecutable } of files) {
    const path = join(folder, name);
    await writeFile(path, content);
    if (isExecutable) await chmod(path, 0o755);
  }
}

async function checkOwn(path: string, mark: string): Promise<void> {
  const before = await readFile(path, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return mark;
    throw error;
  });
  if (before.includes(mark)) return;
  throw usageError(
    "SETUP_FOLDER_TAKEN",
    `${shownPath(path)} exists, and setup did not write it`,
    "Use another --output-folder, or move the file.",
  );
}

/** Writes files into a folder, which it creates: all of them, or none. */
import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EksX509Error, usageError } from "../errors.ts";
import { shownPath } from "../shown.ts";
import { systemCode } from "../system-error.ts";
import { makeFolder } from "./make-folder.ts";

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
  makeFolder(folder);
  for (const { name } of files) await checkOwn(join(folder, name), mark);
  const drafts = files.map((file) => ({ ...file, draft: join(folder, `.${file.name}.${randomUUID()}`) }));
  try {
    for (const { draft, content, isExecutable } of drafts)
      await writeFile(draft, content, { flag: "wx", mode: isExecutable ? 0o755 : 0o644 });
    for (const { draft, name } of drafts) await rename(draft, join(folder, name));
  } finally {
    await Promise.all(drafts.map(({ draft }) => rm(draft, { force: true }).catch(() => undefined)));
  }
}

async function checkOwn(path: string, mark: string): Promise<void> {
  if (await isFree(path, mark)) return;
  throw usageError(
    "SETUP_FOLDER_TAKEN",
    `${shownPath(path)} exists, and setup did not write it`,
    "Use another --output-folder, or move the file.",
  );
}

async function isFree(path: string, mark: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return found.isFile() && (await readFile(path, "utf8")).includes(mark);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return true;
    throw error;
  }
}

/** Folders one after the other: where a folder cannot be, as below /proc, Node's own `recursive` does not end. */
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { systemCode } from "../system-error.ts";

/**
 * Makes a folder, and those above it that are missing.
 * @param mode of each folder that it makes
 * @throws the system's error; not EEXIST, because another process can make the same folder
 */
export function makeFolder(path: string, mode?: number): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
}

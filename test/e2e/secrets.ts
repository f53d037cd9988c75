/** Where secrets must not be: in any file below a folder, nor in the files' names. */
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** @returns the files that hold any of them, or are named by one */
export function secretsIn(folder: string, secrets: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => {
    const path = join(folder, name);
    const content = lstatSync(path).isFile() ? readFileSync(path, "latin1") : "";
    return secrets.some((secret) => name.includes(secret) || content.includes(secret));
  });
}

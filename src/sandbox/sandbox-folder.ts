/** The private folder that contains all files of a sandbox. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface SandboxFolder {
  path: string;
  /** Writes a file that only the user can read, and returns its path. */
  write(name: string, content: string): Promise<string>;
  /** Removes the folder with its content. */
  remove(): Promise<void>;
}

/** `parent` is the system's folder for temporary files. mkdtemp creates folders that only the user can enter. */
export async function createFolder(parent: string): Promise<SandboxFolder> {
  const path = await mkdtemp(join(parent, "eks-x509-sandbox-"));
  return {
    path,
    write: async (name, content) => {
      const file = join(path, name);
      await writeFile(file, content, { mode: 0o600 });
      return file;
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

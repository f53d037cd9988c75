/** The private folder that contains all files of a sandbox, a user's private key among them. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startGuard } from "./guard.ts";

export type SandboxFolder = Awaited<ReturnType<typeof createFolder>>;

/** `parent` is the system's folder for temporary files. mkdtemp creates folders that only the user can enter. */
export async function createFolder(parent: string) {
  const path = await mkdtemp(join(parent, "eks-x509-sandbox-"));
  const guard = startGuard(path);
  return {
    path,
    /** Runs programs in the folder, and removes it if this process is killed. */
    guard,
    write: async (name: string, content: string): Promise<string> => {
      const file = join(path, name);
      await writeFile(file, content, { mode: 0o600 });
      return file;
    },
    remove: async (): Promise<void> => {
      await guard.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** What a run of the tests leaves behind is gone when the run ends, also where a test or a program was killed. */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

const mark = "EKS_X509_TEST_FOLDER";

/** Everything that looks for the folder for temporary files from now on gets one of this run. */
export function useOwnTemporaryFolder(): void {
  // Vitest reads its configuration once for each project.
  if (process.env[mark] === process.env["TMPDIR"] && process.env[mark] !== undefined) return;
  // The name is short, since the path of a socket has at most 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), "x"));
  process.env[mark] = folder;
  // As /tmp is: some tests run programs as another user.
  chmodSync(folder, 0o1777);
  process.env["TMPDIR"] = folder;
  process.on("exit", () => {
    for (const path of [folder, ...memoryOfFaketime()]) remove(path);
  });
}

/** A process with libfaketime that is killed leaves a semaphore and shared memory behind, named after its process ID. */
function memoryOfFaketime(): string[] {
  const running = new Set(namesIn("/proc"));
  return namesIn("/dev/shm")
    .filter((name) => {
      const pid = /^(?:sem\.faketime_sem|faketime_shm)_(\d+)$/.exec(name)?.[1];
      return pid !== undefined && !running.has(pid);
    })
    .map((name) => join("/dev/shm", name));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What another user owns stays. */
function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    console.error(String(error));
  }
}

/** A folder with a program that is named as ours: on a PATH that has it, nothing is warned of. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ownFolder = mkdtempSync(join(tmpdir(), "eks-x509-own-"));
export const ownProgram = join(ownFolder, "eks-x509");
writeFileSync(ownProgram, "#!/bin/sh\nexit 7\n", { mode: 0o755 });
process.on("exit", () => {
  rmSync(ownFolder, { recursive: true, force: true });
});

/** Programs of a few lines, in a folder of their own, run as an exec entry's command. */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** @returns the folder, links followed; it goes with the test */
export function programsIn(programs: Record<string, string>, mode = 0o755): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "eks-x509-plugin-")));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [name, text] of Object.entries(programs)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
  }
  return folder;
}

export const shell = (script: string): string => `#!/bin/sh\n${script}\n`;

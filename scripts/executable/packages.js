// The packages of another platform, as a lock file names them. npm compares their checksums with it.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * @param {string} folder of a package.json and its lock file
 * @param {ReturnType<typeof import("../platforms.js").npmTarget>} target
 * @returns {string} the folder node_modules, in the user's cache
 */
export function packagesFor(folder, { os, cpu, libc }) {
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "eks-x509", "packages");
  const files = ["package.json", "package-lock.json"];
  const content = files.map((file) => readFileSync(join(folder, file))).join("\n");
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const installed = join(cache, `${hash}-${os}-${cpu}${libc ? `-${libc}` : ""}`);
  if (existsSync(installed)) return join(installed, "node_modules");
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  // Into a folder of its own first: an interrupted installation is never found.
  const fresh = mkdtempSync(join(cache, ".new-"));
  for (const file of files) copyFileSync(join(folder, file), join(fresh, file));
  const flags = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
  const target = [`--os=${os}`, `--cpu=${cpu}`, ...(libc ? [`--libc=${libc}`] : [])];
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  execFileSync(npm, ["ci", ...flags, ...target], {
    cwd: fresh,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  try {
    renameSync(fresh, installed);
  } catch {
    // Another build was faster.
    rmSync(fresh, { recursive: true });
  }
  return join(installed, "node_modules");
}

// Archives that depend only on the content of a folder: sorted names, one time, one owner, one mode for each kind of file.
// https://reproducible-builds.org/docs/archives/
import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Gives every entry of a folder the same time, and a mode that does not depend on the umask. */
export function normalize(folder, epoch) {
  for (const name of ["", ...readdirSync(folder, { recursive: true, encoding: "utf8" })]) {
    const path = join(folder, name);
    const stat = statSync(path);
    chmodSync(path, stat.isDirectory() || (stat.mode & 0o100) !== 0 ? 0o755 : 0o644);
    utimesSync(path, epoch, epoch);
  }
}

/** @param {string} folder a normalized one */
export function archive(folder, file) {
  if (file.endsWith(".zip")) zip(folder, file);
  else tarGzip(folder, file);
}

/** GNU tar: no other one sorts. */
function tarGzip(folder, file) {
  const same = ["--sort=name", "--format=ustar", "--owner=0", "--group=0", "--numeric-owner"];
  const names = readdirSync(folder).sort();
  const args = [...same, "-cf", "-", "-C", folder, ...names];
  const tar = execFileSync("tar", args, { maxBuffer: 2 ** 30 });
  // -n: no time and no name.
  writeFileSync(file, execFileSync("gzip", ["-n", "-9"], { input: tar, maxBuffer: 2 ** 30 }));
}

/** zip stores local times without a zone, and extra fields with the owner and the time of the last access. */
function zip(folder, file) {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  execFileSync("zip", ["-X", "-9", "-q", file, ...files], {
    cwd: folder,
    env: { ...process.env, TZ: "UTC" },
  });
}

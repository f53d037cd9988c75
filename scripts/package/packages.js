// All packages of a release, their checksums and their bills of materials.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archive, normalize } from "./archive.js";
import { besideNode, bundled, crates, native, runtime } from "./components.js";
import { completionScripts, manPage, noticesOf, stage } from "./contents.js";
import { linkedParts } from "./linked.js";
import { linuxPackages } from "./linux-packages.js";
import { homebrewFormula, krewManifest } from "./manifests.js";
import { archiveName } from "../platforms.js";
import { release as describeRelease, root } from "./release.js";
import { sbom } from "./sbom.js";

/**
 * dist/ is built already.
 * @param {object} request
 * @param {string} request.out the folder for the packages; those of an earlier run are removed
 * @param {readonly import("../platforms.js").Platform[]} request.platforms
 * @param {string | undefined} request.executables one folder for each platform; undefined to build them
 */
export async function makePackages({ out, platforms, executables }) {
  const scratch = mkdtempSync(join(tmpdir(), "eks-x509-package-"));
  try {
    mkdirSync(out, { recursive: true });
    for (const name of ourFiles(out)) rmSync(join(out, name));
    const release = describeRelease();
    const pages = { man: await manPage(release), completions: completionScripts() };
    const parts = new Map();
    for (const platform of platforms) {
      const executable = executables ? join(executables, platform.name) : built(platform, scratch);
      const made = platformPackages({ release, platform, executable, pages, scratch, out });
      for (const [name, components] of made) parts.set(name, components);
    }
    parts.set(npmPackage(release, scratch, out), [...bundled(), ...besideNode()]);
    describe(release, platforms, parts, out);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @returns names and foreign code of the packages of one platform */
function platformPackages({ release, platform, executable, pages, scratch, out }) {
  const foreign = [...native(platform.native), ...crates(platform), ...runtime(platform)];
  const components = [...bundled(), ...foreign];
  const folder = join(scratch, platform.name);
  stage(platform, executable, folder, { ...pages, notices: noticesOf(foreign, linkedParts(platform)) });
  normalize(folder, release.epoch);
  const names = [archiveName(platform, release.version)];
  archive(folder, join(out, names[0]));
  if (platform.os === "linux" && !platform.isMusl && hasGo()) {
    const before = ourFiles(out);
    linuxPackages(release, platform, folder, out);
    names.push(...ourFiles(out).filter((name) => !before.includes(name)));
  }
  for (const name of names) console.log(name);
  rmSync(folder, { recursive: true });
  return names.map((name) => [name, components]);
}

function built(platform, scratch) {
  const folder = join(scratch, "executables", platform.name);
  const args = [folder, "--platform", platform.name];
  execFileSync(join(root, "scripts/build-executable"), args, { stdio: ["ignore", "ignore", "inherit"] });
  return folder;
}

/** nfpm is a Go module. */
function hasGo() {
  if (spawnSync("go", ["version"]).status === 0) return true;
  console.log("There is no Go: no deb, no rpm.");
  return false;
}

/** Packed twice, because npm keeps the modes of the files, which depend on the umask of the clone. */
function npmPackage(release, scratch, out) {
  const first = join(scratch, npmPack(root, scratch));
  execFileSync("tar", ["-xzf", first, "-C", scratch]);
  const folder = join(scratch, "package");
  normalize(folder, release.epoch);
  const name = npmPack(folder, out);
  console.log(name);
  return name;
}

function npmPack(folder, out) {
  const args = ["pack", "--ignore-scripts", "--silent", "--pack-destination", out];
  return execFileSync("npm", args, { cwd: folder }).toString().trim();
}

/** Writes what names the packages by their checksums. */
function describe(release, platforms, parts, out) {
  const sums = new Map([...parts.keys()].map((name) => [name, sha256(join(out, name))]));
  for (const [name, components] of parts) {
    const content = sbom(release, { name, sha256: sums.get(name) }, components);
    writeFileSync(join(out, `${name}.cdx.json`), content);
  }
  writeFileSync(join(out, "eks-x509.yaml"), krewManifest(release, platforms, sums));
  writeFileSync(join(out, "eks-x509.rb"), homebrewFormula(release, platforms, sums));
  const lines = ourFiles(out).map((name) => `${sha256(join(out, name))}  ${name}\n`);
  writeFileSync(join(out, "SHA256SUMS"), lines.join(""));
}

function ourFiles(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /^eks-x509[-._]/.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

function sha256(file) {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

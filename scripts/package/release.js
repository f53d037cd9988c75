// What all packages of a release have in common: its version, its time, and its place on the network.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const { version, description, homepage } = manifest;
const repository = manifest.repository.url.replace(/^git\+|\.git$/g, "");

/** @returns the release that package.json and the checked-out commit describe */
export function release(env = process.env) {
  const epoch = Number(env.SOURCE_DATE_EPOCH ?? commitTime());
  const download = `${repository}/releases/download/v${version}`;
  return { version, description, homepage, repository, license: manifest.license, epoch, download };
}

/** https://reproducible-builds.org/docs/source-date-epoch/ */
function commitTime() {
  const args = ["log", "-1", "--format=%ct"];
  return execFileSync("git", args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] }).toString();
}

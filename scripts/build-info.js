// A build plugin: the commit and its time, for `eks-x509 version`. The time is the commit's, so that two builds have the same bytes.
import { execFileSync } from "node:child_process";

export function buildInfo(root = import.meta.dirname) {
  return {
    name: "build-info",
    transform: (code, id) =>
      /src[\\/]cli[\\/]commands[\\/]version[\\/]build\.ts$/.test(id)
        ? `export const build = ${JSON.stringify({ commit: commit(root), time: time(root) })};`
        : undefined,
  };
}

function commit(root) {
  return git(root, "rev-parse", "HEAD");
}

/** https://reproducible-builds.org/docs/source-date-epoch/ */
function time(root) {
  const seconds = process.env["SOURCE_DATE_EPOCH"] ?? git(root, "log", "-1", "--format=%ct");
  return seconds ? new Date(Number(seconds) * 1000).toISOString() : null;
}

/** Null outside of a repository, as in an archive of the sources. */
function git(root, ...args) {
  try {
    return execFileSync("git", args, { cwd: root, stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .trim();
  } catch {
    return null;
  }
}

/** The file that a path leads to, through links: that one is replaced, so that the links stay. */
import { dirname, isAbsolute } from "node:path";
import { kubeconfigProblem } from "../read/problem.ts";
import { systemCode } from "../../foundation/system-error.ts";
import type { Disk } from "./disk.ts";
import { readFailure } from "./failures.ts";

/** Linux gives up there. */
const mostLinks = 40;

/**
 * None of them need exist.
 * @returns the path, the links that it leads through, and, last, the file
 * @throws EksX509Error KUBECONFIG_LINK_LOOP, KUBECONFIG_FORBIDDEN, KUBECONFIG_UNREADABLE
 */
export function pathsTo(path: string, disk: Disk): readonly [...links: string[], target: string] {
  const links: string[] = [];
  let target = path;
  while (links.length < mostLinks) {
    const next = linkAt(target, disk);
    if (next === undefined) return [...links, target];
    links.push(target);
    // Not path.join(): `..` behind a folder that is a link leads elsewhere.
    target = isAbsolute(next) ? next : `${dirname(target)}/${next}`;
  }
  throw kubeconfigProblem(
    "KUBECONFIG_LINK_LOOP",
    `${path} is a symbolic link that leads in a circle`,
    "Remove it, or let it lead to a file.",
  );
}

function linkAt(path: string, disk: Disk): string | undefined {
  try {
    return disk.readlinkSync(path);
  } catch (error) {
    // Windows says UNKNOWN of what is no link.
    if (["EINVAL", "ENOENT", "ENOTDIR", "UNKNOWN"].includes(systemCode(error))) return undefined;
    throw readFailure(path, error);
  }
}

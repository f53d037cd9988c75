/** Who else can change a path: symbolic links at its end, and its folder. Another user can point a link of theirs at any file that this user, such as root, can read. */
import { constants, open, type Stats } from "node:fs";
import { access, lstat, readlink, stat } from "node:fs/promises";
import { dirname, isAbsolute } from "node:path";
import { promisify } from "node:util";
import { systemCode } from "../system-error.ts";

const openFile = promisify(open);
const noFollow = constants.O_NONBLOCK | constants.O_NOFOLLOW;

type Owned = Pick<Stats, "uid" | "mode">;

/** Whether a user other than this one and root can have made the link. */
export function isForeignLink(folder: Owned, link: Owned, uid: number): boolean {
  const mine = [0, uid];
  const isShared = (folder.mode & 0o022) !== 0;
  return !mine.includes(folder.uid) || (isShared && !mine.includes(link.uid));
}

/** The limit of Linux. */
const mostLinks = 40;

/**
 * Follows links one by one, and only those that no other user can have made.
 * @throws the errors of the system, and one with the code "foreign link"
 */
export async function openFollowing(path: string, uid: number): Promise<number> {
  let target = path;
  for (let links = 0; links < mostLinks; links++) {
    target = await pathAfter(target, uid);
    if (isOpenFile(target)) return openFile(target, constants.O_NONBLOCK);
    const file = await openFile(target, noFollow).catch(unlessLink);
    if (file !== undefined) return file;
  }
  // The system's own error for a link that leads to itself.
  return openFile(path, noFollow);
}

function unlessLink(error: unknown): undefined {
  if (systemCode(error) !== "ELOOP") throw error;
}

/** These stand for the open files of a process, such as the pipe of `<(…)`, and their texts are no paths. */
function isOpenFile(path: string): boolean {
  return /^\/(proc\/[^/]+(\/task\/[^/]+)?|dev)\/fd\/\d+$/.test(path);
}

/** @returns the path after one link; the path itself if it is an open file, or a link that changed meanwhile */
async function pathAfter(link: string, uid: number): Promise<string> {
  if (isOpenFile(link)) return link;
  const folder = await stat(dirname(link));
  const before = await lstat(link);
  const target = await readlink(link);
  const after = await lstat(link);
  if (isForeignLink(folder, before, uid))
    throw Object.assign(new Error("foreign link"), { code: "foreign link" });
  if (before.ino !== after.ino || before.ctimeMs !== after.ctimeMs) return link;
  // Not path.join(), because `..` after a linked folder leads to another folder.
  return isAbsolute(target) ? target : `${dirname(link)}/${target}`;
}

/**
 * Kubernetes mounts a ConfigMap as a read-only volume, whose folder has mode 777.
 * @param how others can change the folder
 * @returns undefined for a read-only volume, which nobody can change
 */
export async function inOpenFolder(path: string, how: string): Promise<string | undefined> {
  const error: unknown = await access(dirname(path), constants.W_OK).catch((error: unknown) => error);
  return systemCode(error) === "EROFS" ? undefined : `is in a folder that ${how}`;
}

/** Whether another user can have created this file, or can replace it before it is loaded. */
import { lstatSync, realpathSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { KeychainError } from "../keychain.ts";

/**
 * The real path of a file that only root and this user can change. Without a user id nothing is checked: on Windows, access
 * control lists protect the folders of programs and profiles.
 *
 * @throws KeychainError refused
 */
export function trustedPath(path: string, uid: number | undefined): string {
  const real = realpathSync.native(path);
  if (uid === undefined) return real;
  const folder = dirname(real);
  for (const own of [real, folder]) refuseUnless(isClosed(lstatSync(own), uid), own);
  for (let above = dirname(folder); ; above = dirname(above)) {
    refuseUnless(isSafeAbove(lstatSync(above), uid), above);
    if (above === dirname(above)) return real;
  }
}

function refuseUnless(trusted: boolean, path: string): void {
  if (!trusted)
    throw new KeychainError("refused", `other users can change ${path}, so its code is not loaded`);
}

function isClosed(stat: Stats, uid: number): boolean {
  if (!isOwned(stat, uid) || (stat.mode & 0o002) !== 0) return false;
  // With a umask of 002, the default of many distributions, the group is the user's own and has the user's number.
  return (stat.mode & 0o020) === 0 || (stat.gid === stat.uid && stat.uid !== 0);
}

/** On Homebrew and Debian, administrators' groups can write to parent folders. In a sticky folder, nobody can replace a foreign file. */
function isSafeAbove(stat: Stats, uid: number): boolean {
  return isOwned(stat, uid) && ((stat.mode & 0o002) === 0 || (stat.mode & 0o1000) !== 0);
}

function isOwned(stat: Stats, uid: number): boolean {
  return stat.uid === uid || stat.uid === 0;
}

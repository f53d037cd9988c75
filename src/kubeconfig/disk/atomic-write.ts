/**
 * Replaces a file in one step: a reader always finds the old text or the new text, never a part of one. Access control lists
 * and extended attributes are lost.
 */
import { createHash, randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { basename, dirname } from "node:path";
import { kubeconfigProblem } from "../read/problem.ts";
import { attempt, systemCode } from "../../foundation/system-error.ts";
import { opened, writeFailure, type Disk } from "./disk.ts";

/**
 * `in place` writes into the file, as kubectl does. A reader can then find a part, and a failure leaves a part. A
 * file that is a mount cannot be replaced, and a replaced file loses its other names.
 */
export type WriteMode = "replace" | "in place";

export interface Target {
  /** Not a link. */
  path: string;
  /** The existing file: its mode and, if possible, its owner are kept. A new file is private to its owner. */
  status: Stats | undefined;
  mode: WriteMode;
}

/** @throws EksX509Error KUBECONFIG_READ_ONLY, KUBECONFIG_HARD_LINKS, and those of writeFailure(). The file is then unchanged */
export function replaceFile(target: Target, text: string, disk: Disk): void {
  const { path, status, mode } = target;
  if (status) refuseReadOnly(path, disk);
  if (status && mode === "in place") {
    overwrite(path, text, disk);
    return;
  }
  if (status) refuseHardLinks(path, status);
  sweep(path, disk);
  const temporary = `${temporaryStart(path)}${randomBytes(6).toString("hex")}`;
  try {
    writeWhole(temporary, text, status, disk);
    disk.renameSync(temporary, path);
  } catch (error) {
    removeIfThere(temporary, disk);
    throw writeFailure(path, error);
  }
  syncFolder(dirname(path), disk);
}

/** rename(2) ignores the mode of the file, but kubectl, which writes into the file, fails. */
function refuseReadOnly(path: string, disk: Disk): void {
  const isWritable = attempt(() => {
    disk.accessSync(path, constants.W_OK);
  }, ["EACCES", "EPERM", "EROFS"]);
  if (!isWritable)
    throw kubeconfigProblem(
      "KUBECONFIG_READ_ONLY",
      `${path} is not writable for this user`,
      "Make it writable, or choose another file with --kubeconfig. It was not changed.",
    );
}

function refuseHardLinks(path: string, { nlink }: Stats): void {
  if (nlink === 1) return;
  throw kubeconfigProblem(
    "KUBECONFIG_HARD_LINKS",
    `${path} is one file under ${nlink} names (hard links)`,
    "The file is replaced, and its other names would keep the old content. Make them symbolic links, or use --in-place. It was not changed.",
  );
}

function overwrite(path: string, text: string, disk: Disk): void {
  try {
    opened(disk, [path, constants.O_WRONLY | constants.O_NOFOLLOW], (file) => {
      writeAll(file, text, disk);
      disk.ftruncateSync(file, Buffer.byteLength(text));
      disk.fsyncSync(file);
    });
  } catch (error) {
    throw writeFailure(path, error);
  }
}

function writeAll(file: number, text: string, disk: Disk): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += disk.writeSync(file, bytes, written);
}

/**
 * Hidden, because tools read `*` and `*.yaml` in the folder. It contains a hash instead of the name, which can already have
 * the maximum length.
 */
function temporaryStart(path: string): string {
  const name = createHash("sha256").update(basename(path)).digest("hex").slice(0, 12);
  return `${dirname(path)}/.eks-x509-${name}-`;
}

/** Removes the files of killed processes. Only the holder of the lock, which is this process, writes here. */
function sweep(path: string, disk: Disk): void {
  const start = basename(temporaryStart(path));
  attempt(() => {
    for (const name of disk.readdirSync(dirname(path)))
      if (name.startsWith(start) && /^[0-9a-f]{12}$/.test(name.slice(start.length)))
        removeIfThere(`${dirname(path)}/${name}`, disk);
  }, ["EACCES", "EPERM"]);
}

function writeWhole(path: string, text: string, old: Stats | undefined, disk: Disk): void {
  opened(disk, [path, "wx", 0o600], (file) => {
    writeAll(file, text, disk);
    if (old) keepOwnerAndMode(file, old, disk);
    else giveToOwnerOf(dirname(path), file, disk);
    // A rename can reach the disk before the content of the file.
    disk.fsyncSync(file);
  });
}

function keepOwnerAndMode(file: number, { uid, gid, mode }: Stats, disk: Disk): void {
  const gives = (owner: number): boolean =>
    attempt(() => {
      disk.fchownSync(file, owner, gid);
    }, ["EPERM", "EINVAL"]);
  const ofGroup = gives(uid) || gives(-1);
  // The permissions of the old group are not for another group.
  const bits = ofGroup ? mode & 0o777 : mode & 0o707;
  attempt(() => {
    disk.fchmodSync(file, bits);
  }, ["EPERM"]);
}

/** One by one: Node's `recursive` never ends where a folder cannot be, as below /proc. */
export function makeFolder(path: string, disk: Disk): void {
  try {
    const missing = missingFolders(path, disk);
    for (const folder of missing) {
      const isMade = attempt(() => {
        disk.mkdirSync(folder, { mode: 0o700 });
      }, ["EEXIST"]);
      if (isMade && disk.euid() === 0) giveFolder(folder, dirname(missing[0] ?? folder), disk);
    }
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/** @returns from the top down */
function missingFolders(path: string, disk: Disk): string[] {
  if (attempt(() => void disk.lstatSync(path), ["ENOENT"]) || path === dirname(path)) return [];
  return [...missingFolders(dirname(path), disk), path];
}

/** Through a descriptor, because the owner of the parent folder can have replaced it by a link. */
function giveFolder(path: string, above: string, disk: Disk): void {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  opened(disk, [path, flags], (folder) => {
    giveToOwnerOf(above, folder, disk);
  });
}

/** `sudo -E` would create files in another user's home, and this user could not use the files of root. */
function giveToOwnerOf(folder: string, file: number, disk: Disk): void {
  if (disk.euid() !== 0) return;
  const { uid, gid } = disk.lstatSync(folder);
  if (uid !== 0) disk.fchownSync(file, uid, gid);
}

/** The file is already replaced. Windows, some network drives and unreadable folders do not support fsync of a folder. */
function syncFolder(path: string, disk: Disk): void {
  try {
    opened(disk, [path, "r"], disk.fsyncSync);
  } catch (error) {
    if (systemCode(error) === "") throw error;
  }
}

function removeIfThere(path: string, disk: Disk): void {
  attempt(() => {
    disk.unlinkSync(path);
  }, ["ENOENT", "EACCES", "EPERM", "EROFS", "ENAMETOOLONG"]);
}

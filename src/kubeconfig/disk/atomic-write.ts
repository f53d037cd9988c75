/**
 * A file, replaced in one step: whoever reads it, and whatever happens meanwhile, finds the old text or the new, never a part.
 * What a new file cannot have is lost: access control lists, extended attributes.
 */
import { createHash, randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { basename, dirname } from "node:path";
import { kubeconfigProblem } from "../read/problem.ts";
import { attempt, systemCode } from "../../foundation/system-error.ts";
import { writeFailure, type Disk } from "./disk.ts";

export interface Target {
  /** Not a link. */
  path: string;
  /** Of the file that is there: mode and, where possible, owner are kept. A new one is its user's alone. */
  status: Stats | undefined;
}

/** @throws EksX509Error KUBECONFIG_READ_ONLY, KUBECONFIG_HARD_LINKS, and those of writeFailure(); the file is then as it was */
export function replaceFile(target: Target, text: string, disk: Disk): void {
  const { path, status } = target;
  if (status) refuseUnreplaceable(path, status, disk);
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

/** rename(2) asks for neither; kubectl, which writes into the file, would fail at the first and keep the second. */
function refuseUnreplaceable(path: string, { nlink }: Stats, disk: Disk): void {
  const isWritable = attempt(() => {
    disk.accessSync(path, constants.W_OK);
  }, ["EACCES", "EPERM", "EROFS"]);
  if (!isWritable)
    throw kubeconfigProblem(
      "KUBECONFIG_READ_ONLY",
      `${path} may not be written to by this user`,
      "Make it writable, or choose another file with --kubeconfig. It was not changed.",
    );
  if (nlink > 1)
    throw kubeconfigProblem(
      "KUBECONFIG_HARD_LINKS",
      `${path} is one file under ${nlink} names (hard links)`,
      "It is replaced as a whole, and the other names would keep the old one. Make them symbolic links. It was not changed.",
    );
}

/**
 * Hidden, since tools read `*` and `*.yaml` in the folder. With a hash in place of the name, which may be as long as a name can be
 * without room for more.
 */
function temporaryStart(path: string): string {
  const name = createHash("sha256").update(basename(path)).digest("hex").slice(0, 12);
  return `${dirname(path)}/.eks-x509-${name}-`;
}

/** What a killed process left: only the holder of the lock writes here, and that is this one. */
function sweep(path: string, disk: Disk): void {
  const start = basename(temporaryStart(path));
  attempt(() => {
    for (const name of disk.readdirSync(dirname(path)))
      if (name.startsWith(start) && /^[0-9a-f]{12}$/.test(name.slice(start.length)))
        removeIfThere(`${dirname(path)}/${name}`, disk);
  }, ["EACCES", "EPERM"]);
}

function writeWhole(path: string, text: string, old: Stats | undefined, disk: Disk): void {
  const file = disk.openSync(path, "wx", 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length;) written += disk.writeSync(file, bytes, written);
    if (old) keepOwnerAndMode(file, old, disk);
    // A rename may reach the disk before what it renames.
    disk.fsyncSync(file);
  } finally {
    disk.closeSync(file);
  }
}

function keepOwnerAndMode(file: number, { uid, gid, mode }: Stats, disk: Disk): void {
  const ofGroup =
    attempt(() => {
      disk.fchownSync(file, uid, gid);
    }, ["EPERM", "EINVAL"]) ||
    attempt(() => {
      disk.fchownSync(file, -1, gid);
    }, ["EPERM", "EINVAL"]);
  // What the old group was allowed, another group is not.
  const bits = ofGroup ? mode & 0o777 : mode & 0o707;
  attempt(() => {
    disk.fchmodSync(file, bits);
  }, ["EPERM"]);
}

/** The file is replaced; Windows, some network drives, and folders that may not be read, cannot promise more. */
function syncFolder(path: string, disk: Disk): void {
  try {
    const folder = disk.openSync(path, "r");
    try {
      disk.fsyncSync(folder);
    } finally {
      disk.closeSync(folder);
    }
  } catch (error) {
    if (systemCode(error) === "") throw error;
  }
}

function removeIfThere(path: string, disk: Disk): void {
  attempt(() => {
    disk.unlinkSync(path);
  }, ["ENOENT", "EACCES", "EPERM", "EROFS", "ENAMETOOLONG"]);
}

/** Which lock this machine has for this user. */
import { folderLock } from "./folder-lock.ts";
import { findLockFolder } from "./lock-folder.ts";
import type { Lock } from "./lock.ts";
import { pipeLock } from "./pipe-lock.ts";

export interface LockInputs {
  platform: NodeJS.Platform;
  /** process.geteuid(); undefined on Windows */
  uid: number | undefined;
  /** os.userInfo().username, for Windows, whose pipes have one name space for all users */
  userName: string;
  /** XDG_RUNTIME_DIR */
  runtimeFolder: string | undefined;
  /** os.tmpdir() */
  temporaryFolder: string;
}

/** @returns undefined, and tells why, where there is none to be trusted */
export function findLock(
  { platform, uid, userName, ...folders }: LockInputs,
  tell: (line: string) => void,
): Lock | undefined {
  if (platform === "win32") return pipeLock(`\\\\.\\pipe\\eks-x509-${encodeURIComponent(userName)}-`);
  if (uid === undefined) return undefined;
  const { path, reasons } = findLockFolder({ uid, ...folders });
  for (const reason of reasons) tell(`no lock there: ${reason}`);
  return path === undefined ? undefined : folderLock(path);
}

/** The folder of locks and ledgers: private to this user and this machine. */
import { lstatSync, mkdirSync, statSync, type Stats } from "node:fs";
import { attempt, systemText } from "../foundation/system-error.ts";

export interface FolderInputs {
  uid: number;
  runtimeFolder: string | undefined;
  temporaryFolder: string;
}

export type FoundFolder = { path: string; reasons: string[] } | { path?: never; reasons: string[] };

/** sockaddr_un holds 104 bytes on macOS and the BSDs, 108 on Linux, the closing zero included. */
const longestPath = 103;
/** What flight/lock.ts adds to the folder: `/`, a name, `/`, an id. */
const longestEntry = 1 + 24 + 1 + 6;

/** @returns the first suitable folder, with the reasons against those before it */
export function findPrivateFolder({ uid, runtimeFolder, temporaryFolder }: FolderInputs): FoundFolder {
  const reasons: string[] = [];
  const candidates = [
    ...(runtimeFolder ? [{ parent: runtimeFolder, name: "eks-x509", complaint: exposed }] : []),
    { parent: temporaryFolder, name: `eks-x509-${uid}`, complaint: replaceable },
  ];
  for (const { parent, name, complaint } of candidates) {
    const path = `${parent}/${name}`;
    const reason =
      tooLong(path) ?? refusal(() => complaint(statSync(parent), uid), parent) ?? madePrivate(path, uid);
    if (reason === undefined) return { path, reasons };
    reasons.push(reason);
  }
  return { reasons };
}

function tooLong(path: string): string | undefined {
  if (!path.startsWith("/")) return `${path} is not absolute`;
  const fits = Buffer.byteLength(path) + longestEntry <= longestPath;
  return fits ? undefined : `${path} is too long for a socket's path`;
}

/**
 * The properties of the folder count, not its creator. On a hit it exists, and lstat costs less than a failing mkdir.
 * @returns why it is not private
 */
export function madePrivate(path: string, uid: number): string | undefined {
  return refusal(() => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found) return exposed(found, uid);
    attempt(() => {
      mkdirSync(path, { mode: 0o700 });
    }, ["EEXIST"]);
    return exposed(lstatSync(path), uid);
  }, path);
}

function refusal(complaint: () => string | undefined, path: string): string | undefined {
  try {
    const reason = complaint();
    return reason && `${path} ${reason}`;
  } catch (error) {
    return systemText(error);
  }
}

/** Why other users can reach into a folder. */
function exposed(found: Stats, uid: number): string | undefined {
  if (found.isSymbolicLink()) return "is a symbolic link";
  if (!found.isDirectory()) return "is not a folder";
  if (found.uid !== uid) return `belongs to user ${found.uid}`;
  if ((found.mode & 0o077) !== 0) return `is open to other users (mode ${(found.mode & 0o777).toString(8)})`;
  return undefined;
}

/** Why other users can replace an entry of a folder by theirs. The sticky bit of /tmp prevents it. */
export function replaceable(parent: Stats, uid: number): string | undefined {
  if (!parent.isDirectory()) return "is not a folder";
  if (parent.uid !== uid && parent.uid !== 0) return `belongs to user ${parent.uid}`;
  const open = (parent.mode & 0o022) !== 0 && (parent.mode & 0o1000) === 0;
  return open ? "lets other users rename its content" : undefined;
}

/** Reads files, bounded in size and time. Each kind of failure has its message in file-problems.ts. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  statSync,
  type BigIntStats,
  type Stats,
} from "node:fs";
import { dirname } from "node:path";
import type { FileContent, FileRole, ReadFile } from "../ports.ts";
import { systemCode } from "../system-error.ts";

/** A bundle of all public CAs has about 200 KiB. */
export const largestFile = 1024 * 1024;
/** A named pipe without a writer would block forever, and in serve also a network drive that does not answer. */
const patience = 5_000;

/** The calls of the system. */
export interface FileCalls {
  open(path: string, flags: number): Promise<number>;
  close(file: number): Promise<void>;
  fstat(file: number): Promise<Stats>;
  /** @returns the number of bytes, 0 at the end */
  read(file: number, into: Uint8Array): Promise<number>;
  stat(path: string): Promise<Stats>;
  exactStat(path: string): Promise<BigIntStats>;
}

/**
 * Each returns at once, because Node's threads for files cost 2 ms of a hit. A network drive that does not answer blocks the process.
 * With threads, it would block only the end of the process.
 */
const blocking: FileCalls = {
  open: later(openSync),
  close: later(closeSync),
  fstat: later((file: number) => fstatSync(file)),
  read: later((file: number, into: Uint8Array) => readSync(file, into, 0, into.length, null)),
  stat: later((path: string) => statSync(path)),
  exactStat: later((path: string) => statSync(path, { bigint: true })),
};

/** An error becomes a rejection. */
function later<Args extends unknown[], Result>(
  call: (...args: Args) => Result,
): (...args: Args) => Promise<Result> {
  return (...args) =>
    new Promise((resolve) => {
      resolve(call(...args));
    });
}

/** A failure that is not one of the system's. */
function unfit(code: "empty" | "too large" | "hangs" | "pkcs11 uri"): Error {
  return Object.assign(new Error(code), { code });
}

/** @param uid this user's, to judge who else can change the file and its links; undefined on Windows */
export async function readFile(
  path: string,
  role: FileRole,
  uid?: number,
  calls = blocking,
): Promise<FileContent> {
  return contentOf(path, role, { uid, calls }).catch((error: unknown) => failed(path, role, error));
}

/** The codes of a file that is not there for this user. */
const absent: Readonly<Record<string, string | undefined>> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EACCES: "is not readable for this user",
  EPERM: "is not readable for this user",
  empty: "is empty",
};

export async function readOptional(
  path: string,
  role: FileRole,
  uid?: number,
  calls = blocking,
): Promise<FileContent | string> {
  return contentOf(path, role, { uid, calls }).catch(
    (error: unknown) => absent[systemCode(error)] ?? failed(path, role, error),
  );
}

export async function fileState(path: string, role: FileRole, calls = blocking): Promise<string | undefined> {
  const found = await inTime(async () => {
    refuseToken(path);
    return calls.exactStat(path);
  }).catch((error: unknown) => failed(path, role, error));
  if (found.isFIFO()) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs } = found;
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}

async function failed(path: string, role: FileRole, error: unknown): Promise<never> {
  const { unreadable } = await import("./file-problems.ts");
  throw unreadable(path, role, error);
}

interface Reader {
  uid: number | undefined;
  calls: FileCalls;
}

async function contentOf(path: string, { limit = largestFile }: FileRole, by: Reader): Promise<FileContent> {
  refuseToken(path);
  const { bytes, stat } = await inTime((isOver) => readBounded(path, limit, by, isOver));
  if (bytes.length > limit) throw unfit("too large");
  if (bytes.length === 0) throw unfit("empty");
  const isPipe = stat.isFIFO() && { isPipe: true };
  return {
    name: path,
    bytes,
    mode: stat.mode & 0o777,
    exposure: await exposureAt(path, stat, by),
    ...isPipe,
  };
}

/** The path may have been resolved against a folder. */
function refuseToken(path: string): void {
  if (/(^|[\\/])pkcs11:/i.test(path)) throw unfit("pkcs11 uri");
}

/** In such a folder, another user can replace the file. The sticky bit keeps all but the folder's owner from it. */
async function exposureAt(path: string, stat: Stats, { uid, calls }: Reader): Promise<string | undefined> {
  const { uid: owner, gid, mode } = await calls.stat(dirname(path));
  const folder = exposure({ uid: owner, gid, mode: (mode & 0o1000) === 0 ? mode : 0 }, uid);
  return exposure(stat, uid) ?? (folder && (await import("./links.ts")).inOpenFolder(path, folder));
}

type Owned = Pick<Stats, "uid" | "gid" | "mode">;

/** How a user other than this one and root can change a file. On Windows, its lists of rights say so, which nothing reads here. */
export function exposure({ uid: owner, gid, mode }: Owned, uid: number | undefined): string | undefined {
  if (uid === undefined) return undefined;
  if (owner !== uid && owner !== 0) return `belongs to user ${owner}`;
  // With a umask of 002, as many distributions have it, the group is the user's own and has the user's number.
  const isOpen = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && (gid !== owner || owner === 0));
  return isOpen ? `is writable by others (mode ${(mode & 0o777).toString(8)})` : undefined;
}

/** By path. */
export type PipeContents = Map<string, Promise<FileContent>>;

/**
 * Keeps the content of a pipe for later readers. One pipe can be both the certificate and the key, and both can be read at the same
 * time.
 */
export function keepingPipes(read: ReadFile, known: PipeContents = new Map()): ReadFile {
  return async (path, role) => {
    const content = known.get(path) ?? read(path, role);
    known.set(path, content);
    const isPipe = await content.then((one) => one.isPipe).catch(() => false);
    if (!isPipe) known.delete(path);
    return content;
  };
}

async function readBounded(
  path: string,
  limit: number,
  { uid, calls }: Reader,
  isOver: IsOver,
): Promise<{ bytes: Buffer; stat: Stats }> {
  const { O_NOFOLLOW, O_NONBLOCK } = constants;
  // A thread that waits in open() or read() would block even process.exit(), so nothing here may block.
  const flags = uid === undefined ? O_NONBLOCK : O_NONBLOCK | O_NOFOLLOW;
  const file = await calls.open(path, flags).catch(async (error: unknown) => {
    if (uid === undefined || systemCode(error) !== "ELOOP") throw error;
    return (await import("./links.ts")).openFollowing(path, uid);
  });
  try {
    const stat = await calls.fstat(file);
    const chunks: Buffer[] = [];
    let length = 0;
    while (length <= limit) {
      const isNewPipe = stat.isFIFO() && length === 0;
      const chunk = await readChunk((into) => calls.read(file, into), isNewPipe, isOver);
      if (chunk.length === 0) break;
      chunks.push(chunk);
      length += chunk.length;
    }
    return { bytes: Buffer.concat(chunks), stat };
  } finally {
    await calls.close(file);
  }
}

/** @param isNewPipe its end then means that no writer has opened it yet */
async function readChunk(
  read: (into: Uint8Array) => Promise<number>,
  isNewPipe: boolean,
  isOver: IsOver,
): Promise<Buffer> {
  while (!isOver()) {
    const chunk = Buffer.alloc(65_536);
    const length = await read(chunk).catch(nothingYet);
    if (length !== undefined && (length > 0 || !isNewPipe)) return chunk.subarray(0, length);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw unfit("hangs");
}

/** A pipe or terminal whose writer has not written yet. */
function nothingYet(error: unknown): undefined {
  if (systemCode(error) === "EAGAIN") return undefined;
  throw error;
}

type IsOver = () => boolean;

async function inTime<Content>(read: (isOver: IsOver) => Promise<Content>): Promise<Content> {
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      over = true;
      reject(unfit("hangs"));
    }, patience);
  });
  return Promise.race([read(() => over), expiry]).finally(() => {
    clearTimeout(timer);
  });
}

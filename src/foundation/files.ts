/** Reads files, bounded in size and time, with a message for each kind of failure. */
import { close, constants, fstat, open, read, stat } from "node:fs";
import { promisify } from "node:util";
import { EksX509Error, type CodeOf, type Hop } from "./errors.ts";
import { shownPath } from "./shown.ts";
import { systemCode } from "./system-error.ts";

/** A file to read, and the source of its path. */
export interface GivenFile {
  path: string;
  /** `--certificate`, or the environment variable or config file that named it. */
  source: string;
}

/** The content of a file, and its name for messages. */
export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

/** The purpose of a file, for messages. */
export interface FileRole {
  /** `--certificate`, or the environment variable or config file that named it. */
  given: string;
  hop: Hop;
  category: "usage" | "identity";
  /** In bytes, if more than a MiB can be right. */
  limit?: number;
}

export interface FileContent extends NamedBytes {
  /** A pipe gives its content once. */
  isPipe?: boolean;
  /** Permission bits. Those of other users have no meaning on Windows. */
  mode: number;
}

/** Changes when the file is replaced or written: device, inode, size and time of change. */
export type FileState = (path: string, role: FileRole) => Promise<string>;

export type ReadFile = (path: string, role: FileRole) => Promise<FileContent>;

/** A bundle of all public CAs has about 200 KiB. */
const largestFile = 1024 * 1024;
/** A named pipe without a writer, or a network drive that does not answer, would block forever. */
const patience = 5_000;

/** Not node:fs/promises, AbortController or node:timers/promises: loading them takes 2 ms of every run. */
const calls = {
  open: promisify(open),
  close: promisify(close),
  fstat: promisify(fstat),
  read: promisify(read),
  stat: promisify(stat),
};

/** @throws EksX509Error FILE_MISSING, FILE_FORBIDDEN, FILE_IS_FOLDER, FILE_EMPTY, FILE_TOO_LARGE, FILE_HANGS, FILE_UNREADABLE */
export async function readFile(path: string, role: FileRole): Promise<FileContent> {
  const { limit = largestFile } = role;
  refuseToken(path, role);
  const content = await inTime((isOver) => readBounded(path, limit, isOver)).catch((error: unknown) => {
    throw unreadable(path, role, error);
  });
  if (content.bytes.length > limit) throw fileError(role, path, tooLarge(limit));
  if (content.bytes.length === 0) throw fileError(role, path, problems.empty);
  return { name: path, ...content };
}

/**
 * Keeps the content of a pipe for later readers. One pipe can be both the certificate and the key, and both can be read at the same
 * time.
 */
export function keepingPipes(read: ReadFile): ReadFile {
  const known = new Map<string, Promise<FileContent>>();
  return async (path, role) => {
    const content = known.get(path) ?? read(path, role);
    known.set(path, content);
    const isPipe = await content.then((one) => one.isPipe).catch(() => false);
    if (!isPipe) known.delete(path);
    return content;
  };
}

/** The path may be resolved against a folder already. It is not printed, because a PKCS#11 URI can contain the PIN (RFC 7512 §2.4). */
function refuseToken(path: string, { given, hop, category }: FileRole): void {
  if (!/(^|[\\/])pkcs11:/i.test(path)) return;
  const [code, what] = ["FILE_IS_PKCS11_URI", "a PKCS#11 URI, not a file"] as const;
  const hint = "Keys and certificates in PKCS#11 tokens are not supported yet. Give the path of a file.";
  throw new EksX509Error({ category, hop, code, message: `${given} is ${what}`, hint });
}

/** @throws EksX509Error FILE_MISSING, FILE_FORBIDDEN, FILE_HANGS, FILE_UNREADABLE */
export async function fileState(path: string, role: FileRole): Promise<string> {
  refuseToken(path, role);
  const state = await inTime(() => calls.stat(path, { bigint: true })).catch((error: unknown) => {
    throw unreadable(path, role, error);
  });
  return [state.dev, state.ino, state.size, state.mtimeNs, state.ctimeNs].join(":");
}

async function readBounded(
  path: string,
  limit: number,
  isOver: IsOver,
): Promise<Omit<FileContent, "name" | "bytes"> & { bytes: Buffer }> {
  // A thread that waits in open() or read() would block even process.exit(), so nothing here may block.
  const file = await calls.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await calls.fstat(file);
    const chunks: Buffer[] = [];
    let length = 0;
    while (length <= limit) {
      const chunk = await readChunk(file, stat.isFIFO() && length === 0, isOver);
      if (chunk.length === 0) break;
      chunks.push(chunk);
      length += chunk.length;
    }
    return { bytes: Buffer.concat(chunks), mode: stat.mode & 0o777, ...(stat.isFIFO() && { isPipe: true }) };
  } finally {
    await calls.close(file);
  }
}

/** @param isNewPipe its end then means that no writer has opened it yet */
async function readChunk(file: number, isNewPipe: boolean, isOver: IsOver): Promise<Buffer> {
  while (!isOver()) {
    const chunk = Buffer.alloc(65_536);
    const { bytesRead } = (await calls.read(file, chunk, 0, chunk.length, null).catch(nothingYet)) ?? {};
    if (bytesRead !== undefined && (bytesRead > 0 || !isNewPipe)) return chunk.subarray(0, bytesRead);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new TookTooLong();
}

/** A pipe or terminal whose writer has not written yet. */
function nothingYet(error: unknown): undefined {
  if (systemCode(error) === "EAGAIN") return undefined;
  throw error;
}

class TookTooLong extends Error {}

type IsOver = () => boolean;

async function inTime<Content>(read: (isOver: IsOver) => Promise<Content>): Promise<Content> {
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      over = true;
      reject(new TookTooLong());
    }, patience);
  });
  return Promise.race([read(() => over), expiry]).finally(() => {
    clearTimeout(timer);
  });
}

interface Problem {
  code: CodeOf<"usage", Hop> & CodeOf<"identity", Hop>;
  why: string;
  hint: string;
}

const problems = {
  missing: {
    code: "FILE_MISSING",
    why: "does not exist",
    hint: "Check the path. A relative path starts at the current folder, or at the folder of the config file.",
  },
  forbidden: {
    code: "FILE_FORBIDDEN",
    why: "is not readable for this user",
    hint: "Check the file's owner and mode, and those of the folders above it.",
  },
  folder: { code: "FILE_IS_FOLDER", why: "is a folder", hint: "Use the path of the file in it." },
  empty: { code: "FILE_EMPTY", why: "is empty", hint: "Export it again." },
  tooLarge: {
    code: "FILE_TOO_LARGE",
    why: "is too large",
    hint: "Check the path. No certificate, key or config file is that large.",
  },
  hangs: {
    code: "FILE_HANGS",
    why: "could not be read within 5 seconds",
    hint: "Check that it is an ordinary file on a drive that answers.",
  },
  other: { code: "FILE_UNREADABLE", why: "cannot be read", hint: "Check the path and the drive." },
} satisfies Record<string, Problem>;

function tooLarge(limit: number): Problem {
  return { ...problems.tooLarge, why: `is larger than ${limit / 1024 / 1024} MiB` };
}

function unreadable(path: string, role: FileRole, error: unknown): EksX509Error {
  if (error instanceof TookTooLong) return fileError(role, path, problems.hangs);
  const code = systemCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") return fileError(role, path, problems.missing);
  if (code === "EACCES" || code === "EPERM") return fileError(role, path, problems.forbidden);
  if (code === "EISDIR") return fileError(role, path, problems.folder);
  const why = code ? `cannot be read (${code})` : problems.other.why;
  return fileError(role, path, { ...problems.other, why });
}

function fileError(
  { given, hop, category }: FileRole,
  path: string,
  { code, why, hint }: Problem,
): EksX509Error {
  return new EksX509Error({
    category,
    hop,
    code,
    message: `${shownPath(path)} (${given}) ${why}`,
    hint,
  });
}

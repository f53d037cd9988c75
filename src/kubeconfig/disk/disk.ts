/** The system calls of a kubeconfig edit, one by one, and the meaning of their errors. A test stops the process before each call. */
import * as fs from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { EksX509Error, type CodeOf } from "../../foundation/errors.ts";
import { systemCode } from "../../foundation/system-error.ts";
import { kubeconfigProblem } from "../read/problem.ts";

export interface OpenedFile {
  status: fs.Stats;
  /** At most one byte more than requested. Empty for anything that is not a file. */
  bytes: Uint8Array;
}

export type Disk = Pick<
  typeof fs,
  | "accessSync"
  | "closeSync"
  | "fchmodSync"
  | "fchownSync"
  | "fsyncSync"
  | "ftruncateSync"
  | "lstatSync"
  | "mkdirSync"
  | "openSync"
  | "readdirSync"
  | "readlinkSync"
  | "realpathSync"
  | "renameSync"
  | "unlinkSync"
> & {
  /** @returns the number of written bytes, which can be smaller */
  writeSync: (file: number, bytes: Uint8Array, offset: number) => number;
  readOpened: (path: string, most: number) => OpenedFile;
  /** Undefined on Windows. */
  euid: () => number | undefined;
};

export const disk: Disk = { ...fs, readOpened, euid: () => process.geteuid?.() };

export function opened<Result>(
  disk: Pick<Disk, "openSync" | "closeSync">,
  [path, flags, mode]: [path: string, flags: string | number, mode?: number],
  work: (file: number) => Result,
): Result {
  const file = disk.openSync(path, flags, mode);
  try {
    return work(file);
  } finally {
    disk.closeSync(file);
  }
}

/**
 * The state and the content of the file, from one descriptor, because its name can lead to another file later. A link in
 * its place is not followed, and a pipe without a writer does not block.
 */
function readOpened(path: string, most: number): OpenedFile {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
  return opened(fs, [path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW], (file) => {
    const status = fs.fstatSync(file);
    const bytes = Buffer.alloc(status.isFile() && status.size <= most ? most + 1 : 0);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = fs.readSync(file, bytes, length, bytes.length - length, null);
    return { status, bytes: bytes.subarray(0, length) };
  });
}

export function isFolder(path: string): EksX509Error {
  return kubeconfigProblem("KUBECONFIG_IS_FOLDER", `${path} is a folder`, "Use the path of the file in it.");
}

export function readFailure(path: string, error: unknown): unknown {
  return failure(readFailures, path, error);
}

/** Nothing could be created or written in the file's folder. The file is unchanged. */
export function writeFailure(path: string, error: unknown): unknown {
  return failure(writeFailures, path, error, " The kubeconfig was not changed.");
}

/** FILE, FOLDER and ERRNO stand for those of the failure. */
type Answer = [code: CodeOf<"usage", "kubeconfig">, message: string, hint: string];
type Answers = Partial<Record<string, Answer>> & { otherwise: Answer };

function failure(answers: Answers, path: string, error: unknown, after = ""): unknown {
  const errno = systemCode(error);
  if (error instanceof EksX509Error || errno === "") return error;
  const [code, message, hint] = answers[errno] ?? answers.otherwise;
  const words: Record<string, string> = { FILE: path, FOLDER: dirname(path), ERRNO: errno };
  const filled = message.replace(/FILE|FOLDER|ERRNO/g, (word) => words[word] ?? word);
  return kubeconfigProblem(code, filled, hint + after, error);
}

const forbidden: Answer = [
  "KUBECONFIG_FORBIDDEN",
  "FILE is not readable for this user",
  "Check the file's owner and mode, and those of the folders above it.",
];

const readFailures: Answers = {
  EACCES: forbidden,
  EPERM: forbidden,
  otherwise: ["KUBECONFIG_UNREADABLE", "FILE cannot be read (ERRNO)", "Check the path and the disk."],
};

const readOnlyFolder: Answer = [
  "KUBECONFIG_FOLDER_READ_ONLY",
  "FOLDER is not writable for this user (ERRNO)",
  "The lock and the new file are created beside the kubeconfig. Check the folder's owner and mode, or choose another file with --kubeconfig.",
];

const noFolder: Answer = [
  "KUBECONFIG_NO_FOLDER",
  "FOLDER is not a folder and cannot be created",
  "Check the path. A part of it is a file or a broken link.",
];

const writeFailures: Answers = {
  EACCES: readOnlyFolder,
  EPERM: readOnlyFolder,
  EROFS: readOnlyFolder,
  ENOENT: noFolder,
  ENOTDIR: noFolder,
  EEXIST: noFolder,
  ENOSPC: [
    "KUBECONFIG_DISK_FULL",
    "the disk of FILE is full",
    "Free some space, because the new file is written beside the old one.",
  ],
  EDQUOT: [
    "KUBECONFIG_QUOTA",
    "this user's quota on the disk of FILE is used up",
    "Remove files or ask for a larger quota, because the new file is written beside the old one.",
  ],
  EBUSY: [
    "KUBECONFIG_MOUNTED",
    "FILE is a mount and cannot be replaced",
    "Use --in-place to write into it as kubectl does, or mount its folder instead of the file.",
  ],
  otherwise: ["KUBECONFIG_WRITE_FAILED", "FILE cannot be written (ERRNO)", "Check the path and the disk."],
};

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

/**
 * The state and the content of the file, from one descriptor, because its name can lead to another file later. A link in
 * its place is not followed, and a pipe without a writer does not block.
 */
function readOpened(path: string, most: number): OpenedFile {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
  const file = fs.openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    const status = fs.fstatSync(file);
    const bytes = Buffer.alloc(status.isFile() && status.size <= most ? most + 1 : 0);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = fs.readSync(file, bytes, length, bytes.length - length, null);
    return { status, bytes: bytes.subarray(0, length) };
  } finally {
    fs.closeSync(file);
  }
}

/** A file could not be read. */
export function readFailure(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (error instanceof EksX509Error || code === "") return error;
  if (code === "EACCES" || code === "EPERM")
    return kubeconfigProblem(
      "KUBECONFIG_FORBIDDEN",
      `${path} is not readable for this user`,
      "Check the file's owner and mode, and those of the folders above it.",
      error,
    );
  return kubeconfigProblem(
    "KUBECONFIG_UNREADABLE",
    `${path} cannot be read (${code})`,
    "Check the path and the disk.",
    error,
  );
}

export function isFolder(path: string): EksX509Error {
  return kubeconfigProblem("KUBECONFIG_IS_FOLDER", `${path} is a folder`, "Use the path of the file in it.");
}

/** Nothing could be created or written in the file's folder. The file is unchanged. */
export function writeFailure(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (error instanceof EksX509Error || code === "") return error;
  const [name, message, hint] = (answers[code] ?? otherwise)(path, dirname(path), code);
  return kubeconfigProblem(name, message, `${hint} The kubeconfig was not changed.`, error);
}

type Answer = (
  path: string,
  folder: string,
  code: string,
) => [code: CodeOf<"usage", "kubeconfig">, message: string, hint: string];

const readOnlyFolder: Answer = (_path, folder, code) => [
  "KUBECONFIG_FOLDER_READ_ONLY",
  `${folder} is not writable for this user (${code})`,
  "The lock and the new file are created beside the kubeconfig. Check the folder's owner and mode, or choose another file with --kubeconfig.",
];

const noFolder: Answer = (_path, folder) => [
  "KUBECONFIG_NO_FOLDER",
  `${folder} is not a folder and cannot be created`,
  "Check the path. A part of it is a file or a broken link.",
];

const otherwise: Answer = (path, _folder, code) => [
  "KUBECONFIG_WRITE_FAILED",
  `${path} cannot be written (${code})`,
  "Check the path and the disk.",
];

const answers: Partial<Record<string, Answer>> = {
  EACCES: readOnlyFolder,
  EPERM: readOnlyFolder,
  EROFS: readOnlyFolder,
  ENOENT: noFolder,
  ENOTDIR: noFolder,
  EEXIST: noFolder,
  ENOSPC: (path) => [
    "KUBECONFIG_DISK_FULL",
    `the disk of ${path} is full`,
    "Free some space, because the new file is written beside the old one.",
  ],
  EDQUOT: (path) => [
    "KUBECONFIG_QUOTA",
    `this user's quota on the disk of ${path} is used up`,
    "Remove files or ask for a larger quota, because the new file is written beside the old one.",
  ],
  EBUSY: (path) => [
    "KUBECONFIG_MOUNTED",
    `${path} is a mount and cannot be replaced`,
    "Use --in-place to write into it as kubectl does, or mount its folder instead of the file.",
  ],
};

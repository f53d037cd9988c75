/** The system calls of a kubeconfig edit, one by one, and what a failed one means. A test stops the process before each call. */
import * as fs from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { EksX509Error, type CodeOf } from "../../foundation/errors.ts";
import { systemCode } from "../../foundation/system-error.ts";
import { kubeconfigProblem } from "../read/problem.ts";

export interface OpenedFile {
  status: fs.Stats;
  /** One byte more than asked for at most. Empty for what is no file. */
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
  /** @returns how many bytes were written, which may be fewer */
  writeSync: (file: number, bytes: Uint8Array, offset: number) => number;
  readOpened: (path: string, most: number) => OpenedFile;
  /** Undefined on Windows. */
  euid: () => number | undefined;
};

export const disk: Disk = { ...fs, readOpened, euid: () => process.geteuid?.() };

/** Links followed; the path itself where there is no such file. */
export function realPath(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch {
    return path;
  }
}

/**
 * What the file is and what it holds, from one descriptor: its name may lead elsewhere the next moment. A link in its
 * place is not followed, and a pipe without a writer does not block.
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
      `${path} may not be read by this user`,
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
  return kubeconfigProblem("KUBECONFIG_IS_FOLDER", `${path} is a folder`, "Give the file in it.");
}

/** Something could not be made, or written, in a file's folder. The file is as it was. */
export function writeFailure(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (error instanceof EksX509Error || code === "") return error;
  const [name, message, hint] = (answers[code] ?? otherwise)(path, dirname(path), code);
  return kubeconfigProblem(name, message, `${hint} The kubeconfig is as it was.`, error);
}

type Answer = (
  path: string,
  folder: string,
  code: string,
) => [code: CodeOf<"usage", "kubeconfig">, message: string, hint: string];

const readOnlyFolder: Answer = (_path, folder, code) => [
  "KUBECONFIG_FOLDER_READ_ONLY",
  `${folder} may not be written to by this user (${code})`,
  "The lock and the new file are made beside the kubeconfig. Check the folder's owner and mode, or choose another file with --kubeconfig.",
];

const noFolder: Answer = (_path, folder) => [
  "KUBECONFIG_NO_FOLDER",
  `${folder} is no folder, and cannot be made one`,
  "Check the path: a part of it is a file, or a link that leads nowhere.",
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
    "Make room: the new file is written beside the old one.",
  ],
  EDQUOT: (path) => [
    "KUBECONFIG_QUOTA",
    `this user's quota on the disk of ${path} is used up`,
    "Remove files, or ask for more: the new file is written beside the old one.",
  ],
  EBUSY: (path) => [
    "KUBECONFIG_MOUNTED",
    `${path} is a mount of its own, and cannot be replaced`,
    "Give --in-place to write into it as kubectl does, or mount its folder in place of the one file.",
  ],
};

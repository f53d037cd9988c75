/** node:fs, as far as the front's part uses it. open() returns at once, for promisify of ./util.ts. */
import { Buffers } from "../bytes.ts";
import { host, type RawStat } from "../host.ts";

const kindMask = 0o170000;

export class Stats {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;

  constructor(raw: RawStat) {
    this.dev = Number(raw.dev);
    this.ino = Number(raw.ino);
    this.size = Number(raw.size);
    this.mode = raw.mode;
    this.uid = raw.uid;
    this.gid = raw.gid;
    this.mtimeMs = Number(raw.mtimeNs) / 1e6;
    this.ctimeMs = Number(raw.ctimeNs) / 1e6;
  }

  isFile(): boolean {
    return (this.mode & kindMask) === 0o100000;
  }

  isDirectory(): boolean {
    return (this.mode & kindMask) === 0o040000;
  }

  isSymbolicLink(): boolean {
    return (this.mode & kindMask) === 0o120000;
  }

  isFIFO(): boolean {
    return (this.mode & kindMask) === 0o010000;
  }
}

export const constants = { ...host.openFlags, W_OK: 2 };

export function openSync(path: string, flags: number | "wx", mode = 0o666): number {
  if (typeof flags === "number") return host.open(path, flags, mode);
  const { O_WRONLY, O_CREAT, O_EXCL } = host.openFlags;
  return host.open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
}

export const closeSync = host.close;

export function readFileSync(path: string | number, encoding: "utf8"): string {
  const file = typeof path === "number" ? path : host.open(path, host.openFlags.O_RDONLY, 0);
  const parts: Uint8Array[] = [];
  for (let part = host.read(file, 65_536); part.length > 0; part = host.read(file, 65_536)) parts.push(part);
  if (typeof path !== "number") host.close(file);
  return Buffers.concat(parts).toString(encoding);
}

export function writeSync(file: number, content: string | Uint8Array): number {
  const bytes = typeof content === "string" ? host.encode(content) : content;
  host.write(file, bytes);
  return bytes.length;
}

export function fstatSync(file: number): Stats {
  return new Stats(host.fstat(file));
}

export function readSync(file: number, into: Uint8Array, start: number, most: number): number {
  const bytes = host.read(file, most);
  into.set(bytes, start);
  return bytes.length;
}

type ExactStats = RawStat & { isFIFO: () => boolean };

export function statSync(path: string): Stats;
export function statSync(path: string, options: { bigint: true }): ExactStats;
export function statSync(path: string, options: { bigint?: boolean } = {}): Stats | ExactStats {
  const raw = host.stat(path);
  const found = new Stats(raw);
  return options.bigint === true ? { ...raw, isFIFO: () => found.isFIFO() } : found;
}

export function lstatSync(path: string, options: { throwIfNoEntry?: boolean } = {}): Stats | undefined {
  try {
    return new Stats(host.lstat(path));
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isAbsent && options.throwIfNoEntry === false) return undefined;
    throw error;
  }
}

export function mkdirSync(path: string, { mode }: { mode: number }): void {
  host.mkdir(path, mode);
}

export const readdirSync = host.readdir;
export const unlinkSync = host.unlink;
export const realpathSync = host.realpath;

export const open = openSync;

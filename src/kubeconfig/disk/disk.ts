/** The calls that changing a kubeconfig makes of the system, one by one: a test stops the process before each of them. */
import * as fs from "node:fs";

export type Disk = Pick<
  typeof fs,
  | "accessSync"
  | "closeSync"
  | "fchmodSync"
  | "fchownSync"
  | "fsyncSync"
  | "lstatSync"
  | "mkdirSync"
  | "openSync"
  | "readFileSync"
  | "readdirSync"
  | "readlinkSync"
  | "renameSync"
  | "statSync"
  | "unlinkSync"
> & {
  /** @returns how many bytes were written, which may be fewer */
  writeSync: (file: number, bytes: Uint8Array, offset: number) => number;
};

export const disk: Disk = fs;

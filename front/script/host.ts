/** What the host program gives the script. Each function asks the system once and decides nothing. front/src/host has their other side. */

/** The fields of stat(2) that the script reads. */
export interface RawStat {
  mode: number;
  uid: number;
  gid: number;
  dev: bigint;
  ino: bigint;
  size: bigint;
  mtimeNs: bigint;
  ctimeNs: bigint;
}

/** Functions that fail throw an error whose `code` is the name of the system's error, such as ENOENT. */
export interface Host {
  /** Starts the full program in this one's place, with the same arguments. */
  handOver: () => never;
  exit: (code: number) => never;

  args: readonly string[];
  env: Readonly<Record<string, string>>;
  program: string;
  platform: NodeJS.Platform;
  arch: string;
  pid: number;
  ppid: number;
  euid: number;
  cwd: () => string;

  openFlags: Readonly<
    Record<
      "O_RDONLY" | "O_WRONLY" | "O_RDWR" | "O_APPEND" | "O_CREAT" | "O_EXCL" | "O_NOFOLLOW" | "O_NONBLOCK",
      number
    >
  >;
  /** A pipe, a socket or a device goes to the full program, because its content can be read only once. */
  open: (path: string, flags: number, mode: number) => number;
  close: (file: number) => void;
  /** At most so many bytes; none at the end. */
  read: (file: number, most: number) => Uint8Array;
  /** Waits until all is written. */
  write: (file: number, bytes: Uint8Array) => void;
  stat: (path: string) => RawStat;
  lstat: (path: string) => RawStat;
  fstat: (file: number) => RawStat;
  readlink: (path: string) => string;
  realpath: (path: string) => string;
  /** access(2) with W_OK. */
  checkWritable: (path: string) => void;
  mkdir: (path: string, mode: number) => void;
  readdir: (path: string) => string[];
  unlink: (path: string) => void;

  sha256: (bytes: Uint8Array) => Uint8Array;
  hmacSha256: (key: Uint8Array, bytes: Uint8Array) => Uint8Array;
  encode: (text: string) => Uint8Array;
  /** As UTF-8, with U+FFFD in the place of what is not. */
  decode: (bytes: Uint8Array) => string;
  hex: (bytes: Uint8Array) => string;
  base64url: (bytes: Uint8Array) => string;

  /** Joins the session keyring and the persistent one, as the native code of the full program does. */
  joinKeyring: () => void;
  /** Null if there is no such key. */
  readKey: (service: string, account: string) => string | null;
  writeKey: (service: string, account: string, password: string) => void;
  /** False if there was no such key. */
  deleteKey: (service: string, account: string) => boolean;
}

/** Set by the host program before it runs the script. */
declare const system: Host;

export const host: Host = system;

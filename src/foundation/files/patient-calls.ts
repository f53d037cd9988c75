/** The calls of the system on Node's threads, for a process that also answers others. A hit does not load them. */
import { close, fstat, open, read, stat } from "node:fs";
import { promisify } from "node:util";
import type { FileCalls } from "./files.ts";

const [statOf, readInto] = [promisify(stat), promisify(read)];

export const patientCalls: FileCalls = {
  open: promisify(open),
  close: promisify(close),
  fstat: promisify(fstat),
  read: async (file, into) => (await readInto(file, into, 0, into.length, null)).bytesRead,
  stat: (path) => statOf(path),
  exactStat: (path) => statOf(path, { bigint: true }),
};

/** node:fs/promises, as far as the front's part uses it. */
import { host } from "../host.ts";
import { lstatSync, statSync, type Stats } from "./fs.ts";

export function access(path: string): Promise<void> {
  return soon(() => {
    host.checkWritable(path);
  });
}

export function lstat(path: string): Promise<Stats | undefined> {
  return soon(() => lstatSync(path));
}

export function stat(path: string): Promise<Stats> {
  return soon(() => statSync(path));
}

export function readlink(path: string): Promise<string> {
  return soon(() => host.readlink(path));
}

/** An error becomes a rejection. */
function soon<Result>(call: () => Result): Promise<Result> {
  return new Promise((resolve) => {
    resolve(call());
  });
}

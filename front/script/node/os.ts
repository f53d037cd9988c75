/** node:os, as far as the front's part uses it. */
import { host } from "../host.ts";

/** Without a usable HOME, the system's database of users decides, which the full program reads. */
export function homedir(): string {
  const home = host.env["HOME"];
  return home?.startsWith("/") ? home : host.handOver();
}

export function tmpdir(): never {
  return host.handOver();
}

export function userInfo(): never {
  return host.handOver();
}

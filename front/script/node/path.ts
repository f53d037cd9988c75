/** node:path for POSIX, as far as the front's part uses it. */
import { host } from "../host.ts";

export const delimiter = ":";

export function isAbsolute(path: string): boolean {
  return path.startsWith("/");
}

export function dirname(path: string): string {
  let name = path.length;
  while (name > 1 && path[name - 1] === "/") name -= 1;
  const end = path.lastIndexOf("/", name - 1);
  if (end < 1) return isAbsolute(path) ? "/" : ".";
  return end === 1 && isAbsolute(path) ? "//" : path.slice(0, end);
}

export function join(...parts: readonly string[]): string {
  const joined = parts.filter((part) => part !== "").join("/");
  return joined === "" ? "." : normalized(joined);
}

export function resolve(...parts: readonly string[]): string {
  const last = parts.findLastIndex(isAbsolute);
  const from = last === -1 ? [host.cwd(), ...parts] : parts.slice(last);
  const path = normalized(from.filter((part) => part !== "").join("/"));
  return path.replace(/(?<=.)\/$/, "");
}

function normalized(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== ".." || (names.length > 0 ? names.at(-1) === ".." : !isAbsolute(path))) names.push(name);
    else names.pop();
  }
  if (isAbsolute(path) && names.length === 0) return "/";
  const text = (isAbsolute(path) ? "/" : "") + (names.join("/") || ".");
  return path.endsWith("/") ? `${text}/` : text;
}

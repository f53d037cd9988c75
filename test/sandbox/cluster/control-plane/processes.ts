/** What a sandbox's control plane consists of while it runs. */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Of etcd and kube-apiserver, by name; `name` is the folder of one of several clusters. */
export function pids(folder: string, name = "control-plane"): Readonly<Record<string, number>> {
  const plane = join(folder, name);
  const files = readdirSync(plane).filter((file) => file.endsWith(".pid"));
  const known = files.map((file): [string, number] => [
    file.replace(".pid", ""),
    Number(readFileSync(join(plane, file), "utf8")),
  ]);
  // A program that is just being started has no number yet.
  return Object.fromEntries(known.filter(([, pid]) => pid > 0));
}

/** Those that still run: the programs, and the shell that guards the folder. */
export function leftOf(programs: Readonly<Record<string, number>>, folder: string): string[] {
  const lines = execFileSync("ps", ["-eo", "pid=,stat=,args="], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => {
    const [pid = "", state = ""] = line.trim().split(/\s+/);
    const isOurs = Object.values(programs).includes(Number(pid)) || line.includes(folder);
    return isOurs && !state.startsWith("Z");
  });
}

/** The shell beside the sandbox that ends its programs and removes its folder, however the sandbox itself ends. */
import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { kill } from "node:process";
import { createInterface } from "node:readline";
import { shellQuoted } from "../foundation/foreign-text.ts";

/**
 * Reads the names of programs to start, one a line, such as `control-plane/etcd`, and prints `NAME CODE` for each that ends.
 * On the line `end` it ends them, the last one first. It does the same when the pipe closes, which is how a killed sandbox
 * ends, and then removes the folder. A pid stays valid until its parent, this shell, has waited for it, so no other process
 * can be hit.
 */
const script = `
cd "$1" || exit 1
umask 077
folder=$1
patience=$2
started=
stop() {
  [ -s "$1.pid" ] || return 0
  kill -TERM "$(cat "$1.pid")"
  tries=0
  while [ -e "$1.pid" ] && [ "$tries" -lt "$patience" ]; do sleep 0.1; tries=$((tries + 1)); done
  [ ! -e "$1.pid" ] || kill -KILL "$(cat "$1.pid")"
  while [ -e "$1.pid" ]; do sleep 0.1; done
}
while read -r name; do
  if [ "$name" = end ]; then folder=; break; fi
  : >"$name.pid"
  {
    (cd "\${name%/*}" && exec sh "./\${name##*/}.sh" </dev/null >>"\${name##*/}.log" 2>&1) &
    echo $! >"$name.pid"
    wait $!
    code=$?
    trap "" PIPE
    echo "$name $code"
    rm -f "$name.pid"
  } &
  while [ -e "$name.pid" ] && [ ! -s "$name.pid" ]; do sleep 0.02; done
  started="$name $started"
done
for name in $started; do stop "$name"; done
[ -n "$folder" ] || exit
cd /
rm -rf "$folder"
`;

export type Guard = ReturnType<typeof startGuard>;

/**
 * `folder` is what it removes if the sandbox cannot; `patience`, in tenths of a second, is the time between TERM and KILL.
 * On a machine without `sh` no guard starts, and nothing runs under it.
 */
export function startGuard(folder: string, patience = 4) {
  // A session of its own: Ctrl-C in a terminal reaches only the sandbox, which then ends the others in order.
  const child = spawn("sh", ["-c", script, "sh", folder, String(patience)], {
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const gone = guardGone(child);
  // A pipe that nothing reads any more; `gone` handles it.
  child.stdin.on("error", () => undefined);
  const waiting = new Map<string, (code: number) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [name = "", code] = line.split(" ");
    waiting.get(name)?.(Number(code));
  });
  void gone.then(() => {
    for (const ended of waiting.values()) ended(guardLost);
  });
  return {
    /**
     * Starts a program and resolves with its exit code, as shells report it.
     * @param name `FOLDER/NAME`: the program runs in FOLDER, below the sandbox's; its output is in NAME.log
     */
    run: (name: string, command: readonly string[]): Promise<number> =>
      new Promise((resolve) => {
        // In one write, so that programs start in the requested order.
        writeFileSync(join(folder, `${name}.sh`), shellScript(command), { mode: 0o600 });
        waiting.set(name, resolve);
        child.stdin.write(`${name}\n`);
      }),
    /** Ends all programs: TERM, then KILL. The folder stays. */
    close: async (): Promise<void> => {
      child.stdin.end("end\n");
      await gone;
      await killOrphans(folder);
    },
  };
}

/** Ends the programs of a guard that was itself killed. Any other guard has removed these files. */
async function killOrphans(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of files.filter((file) => file.endsWith(".pid"))) {
    const pid = Number(await readFile(join(folder, name), "utf8"));
    try {
      if (pid > 1) kill(pid, "SIGKILL");
    } catch {
      // The process has ended.
    }
  }
}

/** The same as for a program that cannot run, because it needs the guard. */
const guardLost = 126;

/** Resolves when all that it has written is read; a killed one leaves writers behind, which nobody waits for. */
function guardGone(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on("close", resolve);
    child.on("error", resolve);
    child.on("exit", (_code, signal) => {
      if (signal !== null) resolve();
    });
  });
}

/** The user's environment does not reach the programs: etcd reads options from it, and both read a proxy. */
function shellScript([program = "", ...args]: readonly string[]): string {
  return `exec env -i PATH="$PATH" ${[program, ...args].map(shellQuoted).join(" ")}\n`;
}

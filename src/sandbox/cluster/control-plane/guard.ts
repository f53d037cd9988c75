/** The shell between the sandbox and the programs that it starts. The programs end with the sandbox, however it ends. */
import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { kill } from "node:process";
import { createInterface } from "node:readline";

/**
 * Reads the names of programs to start, one a line, and prints `NAME CODE` for each that ends. On the line `end` it
 * ends them, the last one first. It does the same when the pipe closes, also after the sandbox was killed: then the last
 * guard of the sandbox removes its folder too, because the others still need its content. A pid stays valid until its
 * parent, this shell, has waited for it, so no other process can be hit.
 */
const script = `
cd "$1" || exit 1
umask 077
folder=$2
patience=$3
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
    sh "./$name.sh" </dev/null >>"$name.log" 2>&1 &
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
for other in "$folder"/*/*.pid; do [ ! -e "$other" ] || exit; done
rm -rf "$folder"
`;

export interface Guard {
  /** Starts a program in the guard's folder with its output in NAME.log; resolves with its exit code, in the form of a shell. */
  run(name: string, command: readonly string[]): Promise<number>;
  /** Ends the running programs: TERM, and later KILL. */
  close(): Promise<void>;
}

/**
 * `folder` is the guard's own; `sandboxFolder` is what it removes if the sandbox cannot; `patience`, in tenths of a
 * second, is the time between TERM and KILL.
 */
export function startGuard(folder: string, sandboxFolder: string, patience = 20): Guard {
  // A session of its own: Ctrl-C in a terminal reaches only the sandbox, which then ends the others in order.
  const child = spawn("sh", ["-c", script, "sh", folder, sandboxFolder, String(patience)], {
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
    run: (name, command) =>
      new Promise((resolve) => {
        // In one write, so that programs start in the requested order.
        writeFileSync(join(folder, `${name}.sh`), shellScript(command), { mode: 0o600 });
        waiting.set(name, resolve);
        child.stdin.write(`${name}\n`);
      }),
    close: async () => {
      child.stdin.end("end\n");
      await gone;
      await killOrphans(folder);
    },
  };
}

/** Removes the files of a guard that was itself killed. Any other guard has removed them. */
async function killOrphans(folder: string): Promise<void> {
  const files = await readdir(folder).catch(() => []);
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
  return `exec env -i PATH="$PATH" ${[program, ...args].map(quoted).join(" ")}\n`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

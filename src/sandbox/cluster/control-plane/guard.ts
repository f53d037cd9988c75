/** The shell between the sandbox and the programs that it starts: whatever becomes of the sandbox, they end with it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { kill } from "node:process";
import { createInterface } from "node:readline";

/**
 * Reads the names of programs to start, a line each, and tells `NAME CODE` of each that ends. It ends them, the last
 * first, when it reads `end`; and when the pipe closes, which a killed sandbox's does by itself: then the last guard of
 * the sandbox removes its folder too, as the others still need what is in it. A process keeps its pid until its own parent, here, has waited for it: none is mistaken.
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
    rm -f "$name.pid"
    echo "$name $code"
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
  /** Starts a program in the guard's folder, its output in NAME.log; resolves with its exit code, as shells tell it. */
  run(name: string, command: readonly string[]): Promise<number>;
  /** Ends what runs: TERM, and after a while KILL. */
  close(): Promise<void>;
}

/**
 * `folder` is its own; `sandboxFolder` is what it removes if the sandbox cannot; `patience`, in tenths of a second, is
 * how long it waits for a program to heed TERM.
 */
export function startGuard(folder: string, sandboxFolder: string, patience = 20): Guard {
  // A session of its own: Ctrl-C in a terminal reaches the sandbox alone, which then ends the rest in good order.
  const child = spawn("sh", ["-c", script, "sh", folder, sandboxFolder, String(patience)], {
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const gone = guardGone(child);
  // A pipe that nobody reads any more: `gone` tells.
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
        // In one go: programs begin in the order in which they are asked for.
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

/** What a guard leaves that was itself killed. Any other has removed these files. */
async function killOrphans(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".pid"))) {
    const pid = Number(await readFile(join(folder, name), "utf8"));
    try {
      if (pid > 1) kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

/** As for a program that cannot be run: without the guard there is none. */
const guardLost = 126;

async function guardGone(child: ChildProcess): Promise<void> {
  await Promise.race([once(child, "exit"), once(child, "error")]).catch(() => undefined);
}

/** Nothing of the user's environment reaches the program: etcd takes options from it, both a proxy. */
function shellScript([program = "", ...args]: readonly string[]): string {
  return `exec env -i PATH="$PATH" ${[program, ...args].map(quoted).join(" ")}\n`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

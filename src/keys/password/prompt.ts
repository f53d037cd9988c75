/** A question on the terminal, answered without an echo. kubectl keeps stdin for itself, so the terminal is opened by its name. */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import process from "node:process";
import { ReadStream } from "node:tty";
import { attempt } from "../../foundation/system-error.ts";
import { startGuard } from "./terminal-guard.ts";

/** A password has a right to no more characters than these. */
const longest = 4_096;
/** Those that end a process, and would leave the terminal without an echo. */
const signals = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"] as const;

/** Undefined where there is no terminal, or where another process has it: reading would stop this one (SIGTTIN). */
export function terminalPrompt(): ((question: string) => Promise<string | undefined>) | undefined {
  let file: number | undefined;
  attempt(() => (file = openSync("/dev/tty", "r+")), ["ENOENT", "ENXIO", "EACCES", "EPERM", "EIO"]);
  if (file === undefined) return undefined;
  closeSync(file);
  return isInForeground() ? promptOnce : undefined;
}

/** proc(5): the process group is the 5th field of stat, and that which has the terminal the 8th. */
function isInForeground(): boolean {
  try {
    const fields = readFileSync("/proc/self/stat", "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[2] === fields[5];
  } catch {
    return true;
  }
}

async function promptOnce(question: string): Promise<string | undefined> {
  const file = openSync("/dev/tty", "r+");
  const terminal = new ReadStream(file);
  const guard = await startGuard(file);
  const text: string[] = [];
  const restore = (): void => void terminal.setRawMode(false);
  const begin = (): void => {
    text.length = 0;
    terminal.setRawMode(true);
    writeSync(file, question);
  };
  const leave = (signal: NodeJS.Signals): void => {
    restore();
    writeSync(file, "\n");
    process.kill(process.pid, signal);
  };
  const removeHandlers = handle({
    ends: leave,
    stops: () => {
      leave("SIGSTOP");
    },
    continues: begin,
  });
  try {
    begin();
    const answer = await typed(terminal, text);
    restore();
    writeSync(file, "\n");
    if ("text" in answer) return answer.text;
    removeHandlers();
    // As without raw mode: the terminal sends it to all programs in the foreground, which would ask next.
    process.kill(process.platform === "win32" ? process.pid : 0, answer.signal);
    // Another thread can receive it, and this one must not report a missing password meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return undefined;
  } finally {
    restore();
    removeHandlers();
    guard.end();
    terminal.destroy();
  }
}

interface Handlers {
  ends: (signal: NodeJS.Signals) => void;
  /** As Ctrl-Z does. */
  stops: () => void;
  continues: () => void;
}

/** @returns what removes them */
function handle({ ends, stops, continues }: Handlers): () => void {
  const remove = (): void => {
    for (const one of signals) process.off(one, end);
    process.off("SIGTSTP", stops).off("SIGCONT", continues);
  };
  // The signal ends the process when nothing handles it.
  const end = (signal: NodeJS.Signals): void => {
    remove();
    ends(signal);
  };
  for (const one of signals) process.on(one, end);
  process.on("SIGTSTP", stops).on("SIGCONT", continues);
  return remove;
}

type Answer = { text: string } | { signal: NodeJS.Signals };

/** The stream stays open, because a closed one cannot restore the terminal. */
function typed(terminal: ReadStream, text: string[]): Promise<Answer> {
  return new Promise((resolve) => {
    const hungUp = (): void => {
      resolve({ signal: "SIGHUP" });
    };
    terminal.setEncoding("utf8").on("data", (letters) => {
      for (const letter of letters.toString()) {
        // As without raw mode: all programs in the foreground stop.
        if (letter === "\u001a") process.kill(0, "SIGTSTP");
        const answer = afterKey(letter, text);
        if (answer) resolve(answer);
      }
    });
    terminal.once("end", hungUp).once("error", hungUp);
  });
}

/** The keys of a terminal in raw mode, termios(3): INTR, QUIT, EOF, ERASE, KILL, SUSP. */
function afterKey(letter: string, text: string[]): Answer | undefined {
  if (letter === "\u0003") return { signal: "SIGINT" };
  if (letter === "\u001c") return { signal: "SIGQUIT" };
  if (letter === "\r" || letter === "\n" || letter === "\u0004") return { text: text.join("") };
  if (letter === "\u007f" || letter === "\b") text.pop();
  else if (letter === "\u0015") text.length = 0;
  else if (letter !== "\u001a" && text.length < longest) text.push(letter);
  return undefined;
}

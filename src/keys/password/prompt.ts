/** A question on the terminal, answered without an echo. kubectl keeps stdin for itself, so the terminal is opened by its name. */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import process from "node:process";
import { ReadStream } from "node:tty";
import { attempt } from "../../foundation/system-error.ts";

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
  const restore = (): void => void terminal.setRawMode(false);
  const interrupted = (signal: NodeJS.Signals): void => {
    restore();
    writeSync(file, "\n");
    for (const one of signals) process.off(one, interrupted);
    process.kill(process.pid, signal);
  };
  for (const one of signals) process.once(one, interrupted);
  try {
    terminal.setRawMode(true);
    writeSync(file, question);
    const answer = await typed(terminal);
    restore();
    writeSync(file, "\n");
    if ("text" in answer) return answer.text;
    // Only this one ends the program. A shell that it ends too can hang up the terminal, and Linux delivers that SIGHUP before a SIGQUIT.
    process.off(answer.signal, interrupted);
    // As without raw mode: the terminal sends it to all programs in the foreground, which would ask next.
    process.kill(process.platform === "win32" ? process.pid : 0, answer.signal);
    // Another thread can receive it, and this one must not report a missing password meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return undefined;
  } finally {
    restore();
    for (const one of signals) process.off(one, interrupted);
    terminal.destroy();
  }
}

type Answer = { text: string } | { signal: NodeJS.Signals };

/** The stream stays open, because a closed one cannot restore the terminal. */
function typed(terminal: ReadStream): Promise<Answer> {
  return new Promise((resolve) => {
    const hungUp = (): void => {
      resolve({ signal: "SIGHUP" });
    };
    const text: string[] = [];
    terminal.setEncoding("utf8").on("data", (letters) => {
      for (const letter of letters.toString()) {
        const answer = afterKey(letter, text);
        if (answer) resolve(answer);
      }
    });
    terminal.once("end", hungUp).once("error", hungUp);
  });
}

/** The keys of a terminal in raw mode, termios(3): INTR, QUIT, EOF, ERASE, KILL. */
function afterKey(letter: string, text: string[]): Answer | undefined {
  if (letter === "\u0003") return { signal: "SIGINT" };
  if (letter === "\u001c") return { signal: "SIGQUIT" };
  if (letter === "\r" || letter === "\n" || letter === "\u0004") return { text: text.join("") };
  if (letter === "\u007f" || letter === "\b") text.pop();
  else if (letter === "\u0015") text.length = 0;
  else if (text.length < longest) text.push(letter);
  return undefined;
}

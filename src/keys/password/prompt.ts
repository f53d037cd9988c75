/** A question on the terminal, answered without an echo. kubectl keeps stdin for itself, so the terminal is opened by its name. */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import process from "node:process";
import { ReadStream } from "node:tty";
import { attempt } from "../../foundation/system-error.ts";

/** A password has a right to no more characters than these. */
const longest = 4_096;
const signals = ["SIGTERM", "SIGHUP"] as const;

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
    if (answer === "interrupted") process.kill(process.pid, "SIGINT");
    return answer === "interrupted" ? undefined : answer.text;
  } finally {
    restore();
    for (const one of signals) process.off(one, interrupted);
    terminal.destroy();
  }
}

/** The keys of a terminal in raw mode, termios(3): INTR, EOF, ERASE, KILL. */
async function typed(terminal: ReadStream): Promise<{ text: string } | "interrupted"> {
  let text: string[] = [];
  const input: AsyncIterable<Buffer> = terminal;
  for await (const bytes of input)
    for (const letter of bytes.toString()) {
      if (letter === "\u0003") return "interrupted";
      if (letter === "\r" || letter === "\n" || letter === "\u0004") return { text: text.join("") };
      if (letter === "\u007f" || letter === "\b") text.pop();
      else if (letter === "\u0015") text = [];
      else if (text.length < longest) text.push(letter);
    }
  return "interrupted";
}

/** Runs COMMAND inside the sandbox, with our streams and signals, and returns its exit code. */
import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { Signals } from "../foundation/ports.ts";

/** The command cannot be run. */
export class CommandNotStarted extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

type SignalSource = Pick<Signals, "on" | "off">;

/** A terminal sends SIGINT to the whole group, including COMMAND, so we only wait. Other signals reach us alone. */
const forwarded = ["SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * @returns the exit code; 128 + the signal's number if a signal ended it, as shells do
 * @throws CommandNotStarted
 */
export async function runCommand(
  [file = "", ...args]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  signals: SignalSource,
): Promise<number> {
  if (file === "") throw new CommandNotStarted("ENOENT");
  const child = spawn(file, args, { stdio: "inherit", env: { ...env } });
  const stop = passOn(signals, child);
  try {
    return await ended(child);
  } finally {
    stop();
  }
}

function passOn(signals: SignalSource, child: ChildProcess): () => void {
  const listeners: [NodeJS.Signals, () => void][] = [["SIGINT", () => undefined]];
  for (const signal of forwarded) listeners.push([signal, () => child.kill(signal)]);
  for (const [signal, listener] of listeners) signals.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) signals.off(signal, listener);
  };
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => {
      reject(new CommandNotStarted(error.code ?? "UNKNOWN"));
    });
    child.on("exit", (code, signal) => {
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

/** Runs COMMAND inside the sandbox, with our streams and signals, and returns its exit code. */
import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { Environment, Signals } from "../foundation/ports.ts";
import { sandboxUsage } from "./sandbox-error.ts";

type SignalSource = Pick<Signals, "on" | "off">;

/** A terminal sends SIGINT to the whole group, including COMMAND, so we only wait. Other signals reach us alone. */
const forwarded = ["SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * @returns the exit code; 128 + the signal's number if a signal ended it, as shells do
 * @throws EksX509Error SANDBOX_COMMAND
 */
export async function runCommand(
  [file = "", ...args]: readonly string[],
  env: Environment,
  signals: SignalSource,
): Promise<number> {
  if (file === "") throw notStarted(file, "ENOENT");
  const child = spawn(file, args, { stdio: "inherit", env: { ...env } });
  const stop = passOn(signals, child);
  try {
    return await ended(file, child);
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

function ended(file: string, child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => {
      reject(notStarted(file, error.code ?? "UNKNOWN"));
    });
    child.on("exit", (code, signal) => {
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

function notStarted(file: string, code: string): Error {
  return sandboxUsage(
    "SANDBOX_COMMAND",
    `the command ${file} cannot be started (${code})`,
    "Check its name and PATH. For pipes and && run a shell: eks-x509 sandbox -- sh -c 'kubectl get ns | wc -l'",
  );
}

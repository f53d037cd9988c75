/**
 * Restores the terminal after a SIGKILL, which no handler sees: a shell in a session of its own, whose input ends with this process.
 * Without a shell there is no guard.
 */
import { spawn } from "node:child_process";
import process from "node:process";

/** Milliseconds for it to start. */
const patience = 500;
const script = 'saved=$(stty -g <&3) && echo && read -r line || stty "$saved" <&3';

/** @param file of the terminal, in the mode that is to be restored */
export async function startGuard(file: number): Promise<{ end: () => void }> {
  const shell = spawn("/bin/sh", ["-c", script], {
    stdio: ["pipe", "pipe", "ignore", file],
    // It needs no password, and others of the same user can read its environment.
    env: { PATH: process.env["PATH"] },
    detached: true,
  });
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, patience);
    const ready = (): void => {
      clearTimeout(timer);
      resolve();
    };
    shell.once("error", ready).once("close", ready);
    shell.stdin?.on("error", ready);
    shell.stdout?.once("data", ready);
  });
  shell.unref();
  return {
    end: () => {
      shell.stdin?.end("\n");
    },
  };
}

/** A session keyring of a test's own, that any number of processes join: what they store there is gone with it. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { passwordAccount } from "../../src/keys/password/remembered.ts";
import { sha256 } from "../ports.ts";

export interface Entry {
  id: string;
  /** As the kernel describes it: `keyring:token/…@eks-x509`. */
  description: string;
}

export class KeyringSession {
  readonly #name: string;
  /** A session keyring lasts as long as a process has it. */
  readonly #keeper: ChildProcess;

  private constructor(keeper: ChildProcess, name: string) {
    this.#keeper = keeper;
    this.#name = name;
  }

  static async open(): Promise<KeyringSession> {
    const name = `eks-x509-test-${randomUUID()}`;
    // Others of this user may search in it, or they would each get another of the same name.
    const script = "keyctl setperm @s 0x3f3f0000 && echo open && exec cat";
    const keeper = spawn("keyctl", ["session", name, "sh", "-c", script], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    await once(stdoutOf(keeper), "data");
    return new KeyringSession(keeper, name);
  }

  /** A command that runs in it; keyctl becomes that command, and says so in one line on stderr. */
  within(command: readonly string[]): string[] {
    return ["keyctl", "session", this.#name, ...command];
  }

  /** A key that the user's other sessions share may go while it is looked at. */
  entries(): Entry[] {
    const ids = this.keyctl("rlist", "@s").split(/\s+/).filter(Boolean);
    return ids.flatMap((id) => {
      const description = this.#describe(id);
      return description === undefined ? [] : [{ id, description }];
    });
  }

  #describe(id: string): string | undefined {
    try {
      return this.keyctl("rdescribe", id).trim().split(";")[4] ?? "";
    } catch {
      return undefined;
    }
  }

  /** This program's entry of a kind. */
  entry(kind: "token" | "session"): Entry {
    const [entry] = this.entries().filter(({ description }) => description.startsWith(`keyring:${kind}/`));
    if (!entry) throw new Error(`no ${kind} is kept`);
    return entry;
  }

  read({ id }: Entry): string {
    return this.keyctl("pipe", id);
  }

  overwrite({ id }: Entry, text: string): void {
    this.#run(["pupdate", id], text);
  }

  keyctl(...args: string[]): string {
    return this.#run(args, "");
  }

  #run(args: string[], input: string): string {
    const [file = "", ...rest] = this.within(["keyctl", ...args]);
    return execFileSync(file, rest, { input, stdio: ["pipe", "pipe", "ignore"] }).toString("latin1");
  }

  /** From the user's persistent keyring, too, which the kernel links each of them into. */
  remove(which: (description: string) => boolean): void {
    for (const { id, description } of this.entries()) if (which(description)) this.keyctl("invalidate", id);
  }

  /**
   * Not by key forget: passwords that are not of this test can be in each session.
   * @param path of the key that the password opens
   */
  forgetPassword(path: string): void {
    const account = passwordAccount(path, sha256);
    this.remove((description) => description.includes(account));
  }

  /** The probe is every session's. */
  close(): void {
    this.remove((description) => /^keyring:(token|session)\//.test(description));
    this.#keeper.stdin?.end();
  }
}

function stdoutOf({ stdout }: ChildProcess): Readable {
  if (!stdout) throw new Error("it was started with a pipe");
  return stdout;
}

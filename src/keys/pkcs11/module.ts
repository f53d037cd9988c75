/** A PKCS#11 module in a process of its own, which may hang, crash and print without harm to this one. */
import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { Socket } from "node:net";
import process from "node:process";
import type { Readable } from "node:stream";
import { type EksX509Error, errorsOf } from "../../foundation/errors.ts";
import type { Environment } from "../../foundation/ports.ts";
import { attempt } from "../../foundation/system-error.ts";
import {
  descriptors,
  type Answer,
  type Fault,
  type FoundObject,
  type FoundToken,
  type Request,
  type SignRequest,
} from "./protocol.ts";
import { resultName } from "./results.ts";

const moduleError = errorsOf("identity", "private-key");

export interface Module {
  path: string;
  /** @throws EksX509Error PKCS11_MODULE_… */
  tokens(): Promise<FoundToken[]>;
  /** What can be seen without a PIN. */
  objects(slot: number): Promise<FoundObject[]>;
  /** What can be seen after a login, or the fault of the module's function that failed. */
  objectsAfterLogin(slot: number, pin: string): Promise<FoundObject[] | Fault>;
  /** The signature, the keys that can be meant, or the fault of the module's function that failed. */
  sign(request: Omit<SignRequest, "do">): Promise<Buffer | FoundObject[] | Fault>;
  /** Ends the process of the module. The next request starts another one. */
  end(): void;
}

export interface ModulePorts {
  /** The program and its arguments that run module-process.ts. */
  program: readonly [string, ...string[]];
  env: Environment;
  /** In place of the usual ones. */
  patience?: Patience;
}

/** Milliseconds for an answer. A card signs with RSA 4096 in up to three seconds; a person at a PIN pad needs more. */
interface Patience {
  usual: number;
  atPinPad: number;
}

const usualPatience: Patience = { usual: 15_000, atPinPad: 90_000 };
/** Milliseconds for a module to clean up after the last answer. */
const patienceAtEnd = 2_000;
/** Milliseconds. The last answer can come after the end of the process. */
const patienceForAnswer = 20;
/** Milliseconds. The end of the process, which has a reason, can come after the end of its answers. */
const patienceForExit = 500;
/** Characters. A thousand certificates fit. */
const longestAnswer = 8 * 1024 * 1024;
/** Characters of a module's own output that a message repeats. */
const longestOutput = 300;

/** Each request waits for its answer before the next one is sent. */
export function openModule(path: string, ports: ModulePorts): Module {
  const { ask, end } = asking(path, ports);
  return {
    path,
    tokens: async () => {
      const answer = await ask({ do: "tokens" });
      if ("tokens" in answer) return answer.tokens;
      throw unexpected(path, answer);
    },
    objects: async (slot) => {
      const answer = await ask({ do: "objects", slot });
      if ("objects" in answer) return answer.objects;
      throw unexpected(path, answer);
    },
    objectsAfterLogin: async (slot, pin) => {
      const answer = await ask({ do: "objects", slot, pin });
      if ("objects" in answer) return answer.objects;
      if ("fault" in answer) return answer.fault;
      throw unexpected(path, answer);
    },
    sign: async (wanted) => {
      const answer = await ask({ do: "sign", ...wanted });
      if ("signature" in answer) return Buffer.from(answer.signature, "base64");
      if ("ambiguous" in answer) return answer.ambiguous;
      if ("fault" in answer) return answer.fault;
      throw unexpected(path, answer);
    },
    end,
  };
}

interface Asking {
  ask: (request: Request) => Promise<Answer>;
  end: () => void;
}

/** With a process that starts at the first request, and anew after its end. */
function asking(path: string, ports: ModulePorts): Asking {
  const { usual, atPinPad } = ports.patience ?? usualPatience;
  let running: Promise<ModuleProcess> | undefined;
  return {
    ask: async (request) => {
      const isAtPinPad = request.do === "sign" && request.login === "pad";
      running ??= loaded(path, ports, usual);
      try {
        return await (await running).ask(request, isAtPinPad ? atPinPad : usual);
      } catch (error) {
        running = undefined;
        throw error;
      }
    },
    end: () => {
      // Whoever asked has the error of a module that does not start.
      void running?.then(
        (child) => {
          child.end();
        },
        () => undefined,
      );
      running = undefined;
    },
  };
}

async function loaded(path: string, ports: ModulePorts, limit: number): Promise<ModuleProcess> {
  const child = new ModuleProcess(path, ports);
  const answer = await child.ask({ do: "load", path }, limit);
  if ("loaded" in answer) return child;
  child.kill();
  throw notLoaded(path, answer, child.output);
}

/** What comes first: an answer, the end of the process, or the end of patience. */
type Outcome = Answer | { ended: string } | "over";

class ModuleProcess {
  readonly #child: ChildProcess;
  readonly #path: string;
  #settle: (outcome: Outcome) => void = () => undefined;
  /** Begins anywhere, so that nothing that a module prints is taken for an answer. */
  #number = randomInt(2 ** 32);
  /** Of the request that waits for its answer. */
  #progress = { isLoggingIn: false };
  output = "";

  constructor(path: string, { program: [command, ...parameters], env }: ModulePorts) {
    this.#path = path;
    this.#child = spawn(command, parameters, {
      env,
      stdio: ["pipe", "pipe", "pipe", "pipe", "pipe"],
      // A group of its own, so that what the module starts ends with it.
      detached: process.platform !== "win32",
    });
    this.#listen();
    this.#letGo();
  }

  #listen(): void {
    const { stdout, stderr, stdin } = this.#child;
    for (const stream of [stdout, stderr])
      stream?.on("data", (bytes: Buffer) => {
        this.output = (this.output + bytes.toString("latin1")).slice(0, longestOutput);
      });
    // A child that has ended takes no more input, which its missing answer reports.
    stdin?.on("error", () => undefined);
    this.#child.on("error", () => {
      this.#settle({ ended: "it did not start" });
    });
    this.#child.on("exit", (code, signal) => {
      this.#settleAfter(patienceForAnswer, signal ? `signal ${signal}` : `exit code ${code ?? "unknown"}`);
    });
    this.#readAnswers();
  }

  #settleAfter(milliseconds: number, ended: string): void {
    setTimeout(() => {
      this.#settle({ ended });
    }, milliseconds).unref();
  }

  #readAnswers(): void {
    let rest = "";
    answersOf(this.#child)
      .setEncoding("utf8")
      .on("data", (text: string) => {
        const [end = "", ...lines] = text.split("\n");
        rest += end;
        for (const line of lines) {
          this.#take(rest);
          rest = line;
        }
        if (rest.length > longestAnswer) {
          this.kill();
          this.#settle({ ended: "more output than any answer has" });
        }
      })
      .on("end", () => {
        this.#settleAfter(patienceForExit, "it closed the descriptor for its answers");
      });
  }

  /** A process that has nothing to answer does not keep this one alive, and neither does one that it left behind. */
  #letGo(): void {
    this.#child.unref();
    for (const stream of this.#child.stdio) if (stream instanceof Socket) stream.unref();
  }

  #take(line: string): void {
    const answer = answerIn(line);
    if (answer?.number !== this.#number) return;
    if ("loggingIn" in answer) this.#progress.isLoggingIn = true;
    else if ("loggedIn" in answer) this.#progress.isLoggingIn = false;
    else this.#settle(answer);
  }

  async ask(request: Request, limit: number): Promise<Answer> {
    this.#number += 1;
    this.#progress = { isLoggingIn: false };
    const outcome = await new Promise<Outcome>((resolve) => {
      const timer = setTimeout(resolve, limit, "over");
      this.#settle = (settled) => {
        clearTimeout(timer);
        resolve(settled);
      };
      this.#child.stdin?.write(`${JSON.stringify({ number: this.#number, request })}\n`);
    });
    if (outcome !== "over" && !("ended" in outcome)) return outcome;
    this.kill();
    if (this.#progress.isLoggingIn) throw loginUnanswered(this.#path, this.output);
    throw outcome === "over"
      ? hangs(this.#path, limit, this.output)
      : crashed(this.#path, outcome.ended, this.output);
  }

  end(): void {
    this.#child.stdin?.end();
    const timer = setTimeout(() => {
      this.kill();
    }, patienceAtEnd).unref();
    this.#child.once("exit", () => {
      clearTimeout(timer);
      this.kill();
    });
  }

  /** A module can ignore any other signal. */
  kill(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    const isGroup = process.platform !== "win32";
    attempt(() => process.kill(isGroup ? -pid : pid, "SIGKILL"), ["ESRCH", "EPERM"]);
  }
}

/** Undefined for what a module printed to the descriptor. */
function answerIn(line: string): (Answer & { number: number }) | undefined {
  // Written by module-process.ts of the same version.
  const parse: (text: string) => Answer & { number: number } = JSON.parse;
  try {
    return parse(line);
  } catch {
    return undefined;
  }
}

function answersOf({ stdio }: ChildProcess): Readable {
  const answers = stdio[descriptors.answers];
  if (answers && "read" in answers) return answers;
  throw new TypeError("the process of a PKCS#11 module has no descriptor for its answers");
}

function notLoaded(path: string, reply: Answer, output: string): EksX509Error {
  if ("withoutNative" in reply)
    return moduleError(
      "PKCS11_PLATFORM",
      `PKCS#11 modules cannot be loaded: ${reply.withoutNative}`,
      "Install eks-x509 with its optional dependencies (npm install without --omit=optional), into a folder that only you and root can write to. Or use ssh-agent: or a key file.",
    );
  if (!("unloadable" in reply)) return unexpected(path, reply);
  const { unloadable } = reply;
  if (!existsSync(path))
    return moduleError(
      "PKCS11_MODULE_MISSING",
      `the PKCS#11 module ${path} does not exist`,
      "Check module-path, or --pkcs11-module. Without either, p11-kit-proxy.so is used: install p11-kit (Debian: p11-kit-modules).",
    );
  return moduleError(
    "PKCS11_MODULE_UNLOADABLE",
    withOutput(`the PKCS#11 module ${path} cannot be loaded: ${unloadable.slice(0, longestOutput)}`, output),
    "Check that it is a PKCS#11 library for this platform, with all the libraries that it needs: ldd FILE",
  );
}

function hangs(path: string, limit: number, output: string): EksX509Error {
  return moduleError(
    "PKCS11_MODULE_HANGS",
    withOutput(`the PKCS#11 module ${path} did not answer in ${limit / 1000} seconds`, output),
    "Check the reader and the card. Other programs that use the token can keep it busy.",
  );
}

function crashed(path: string, how: string, output: string): EksX509Error {
  return moduleError(
    "PKCS11_MODULE_CRASHED",
    withOutput(`the PKCS#11 module ${path} crashed (${how})`, output),
    "Try the module with another program: pkcs11-tool --module FILE --list-slots",
  );
}

/** Whether the token counted a wrong PIN is not known. */
function loginUnanswered(path: string, output: string): EksX509Error {
  return moduleError(
    "PIN_UNANSWERED",
    withOutput(`the PKCS#11 module ${path} hung or crashed while the token checked the PIN`, output),
    "Check the reader and the card. The PIN is not tried again from this source, since the token may have refused it: enter it at a terminal once.",
  );
}

function unexpected(path: string, answer: Answer): EksX509Error {
  return moduleFault(path, "fault" in answer ? answer.fault : { at: "an unknown answer", result: 0 });
}

/** A fault of a function that this program has no better words for. */
export function moduleFault(path: string, { at, result }: Fault): EksX509Error {
  return moduleError(
    "PKCS11_FAILED",
    `the PKCS#11 module ${path} failed at ${at}: ${resultName(result)}`,
    "Check the reader and the token. The name of the result is one of the PKCS #11 specification.",
  );
}

function withOutput(message: string, output: string): string {
  const words = output.trim().replace(/\s+/g, " ");
  return words === "" ? message : `${message}; it printed: ${words}`;
}

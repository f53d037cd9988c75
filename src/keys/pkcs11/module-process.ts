/**
 * The process that a PKCS#11 module runs in. Takes requests on stdin, and answers on a descriptor of its own, since a module can print to
 * stdout and stderr. It ends with the program that started it, even while the module hangs: a thread waits for that.
 */
import type * as files from "node:fs";
import type * as threads from "node:worker_threads";
import { once } from "node:events";
import { writeSync } from "node:fs";
import { devNull } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";
import { attempt } from "../../foundation/system-error.ts";
import { CryptokiError, loadCryptoki, type Cryptoki, type KoffiOfModules } from "./cryptoki.ts";
import { descriptors, type Answer, type Request } from "./protocol.ts";
import { results } from "./results.ts";
import { answer } from "./session.ts";

const CKR_CRYPTOKI_ALREADY_INITIALIZED = 0x191;

let module: Cryptoki | undefined;

/**
 * @param native loads koffi
 * @param needsThreadFirst whether the thread has to use each of its functions once before a module is loaded. The dynamic linker holds a
 * lock while a module's constructors run. In Bun, the first use of a function in a thread takes that lock for thread-local storage
 * (__cxa_thread_atexit_impl): beside a module that hangs there, the thread would hang too.
 */
export async function serve(native: () => KoffiOfModules, needsThreadFirst = false): Promise<void> {
  const thread = endWithProgram();
  if (needsThreadFirst) await once(thread, "message");
  thread.unref();
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      const { number, request } = requestIn(line);
      // The line begins anew, in case the module printed to the descriptor.
      const say = (message: Answer): void =>
        void writeSync(descriptors.answers, `\n${JSON.stringify({ number, ...message })}\n`);
      say(reply(request, native, say));
    })
    .on("close", () => {
      finalize();
      end();
    });
}

/** A thread runs the text of the function, because an executable has no file that a thread can load. */
function endWithProgram(): Worker {
  const parts = [`require("node:fs")`, `require("node:worker_threads")`, `process`];
  const values = [JSON.stringify(devNull), descriptors.life, JSON.stringify(ownProcesses())];
  return new Worker(`(${untilEndOf.toString()})(${[...parts, ...values].join(", ")})`, { eval: true });
}

/** Blocks its thread until there is no other end of the descriptor. Its text uses no name of this module. */
function untilEndOf(
  { openSync, readSync }: typeof files,
  { parentPort }: typeof threads,
  own: typeof process,
  empty: string,
  life: number,
  targets: readonly number[],
): void {
  readSync(openSync(empty, "r"), Buffer.alloc(1));
  own.kill(own.pid, 0);
  parentPort?.postMessage("ready");
  try {
    while (readSync(life, Buffer.alloc(1)) > 0);
  } catch {
    // It is not open: nobody started this process in the right way.
  }
  for (const target of targets)
    try {
      own.kill(target, "SIGKILL");
    } catch {
      // It has ended.
    }
}

/** Processes that the module started are in the same group. Its threads and its handlers have no say. */
function ownProcesses(): number[] {
  return process.platform === "win32" ? [process.pid] : [-process.pid, process.pid];
}

function end(): void {
  for (const target of ownProcesses()) attempt(() => process.kill(target, "SIGKILL"), ["ESRCH"]);
}

/** Written by module.ts of the same version. */
const requestIn: (line: string) => { number: number; request: Request } = JSON.parse;

function reply(request: Request, native: () => KoffiOfModules, report: (answer: Answer) => void): Answer {
  try {
    if (request.do === "load") return load(request.path, native);
    if (!module) throw new TypeError("no module is loaded");
    return answer(module, request, report);
  } catch (error) {
    if (error instanceof CryptokiError) return { fault: { at: error.at, result: error.result } };
    // No stack trace belongs into the output that a message repeats.
    return { fault: { at: "a function that returned nonsense", result: results.CKR_GENERAL_ERROR } };
  }
}

function load(path: string, native: () => KoffiOfModules): Answer {
  let koffi: KoffiOfModules;
  try {
    koffi = native();
  } catch (error) {
    return { withoutNative: reasonOf(error) };
  }
  try {
    module = loadCryptoki(path, koffi);
  } catch (error) {
    if (error instanceof CryptokiError) throw error;
    return { unloadable: reasonOf(error) };
  }
  try {
    module.call("C_Initialize", null);
  } catch (error) {
    if (!(error instanceof CryptokiError) || error.result !== CKR_CRYPTOKI_ALREADY_INITIALIZED) throw error;
  }
  return { loaded: true };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}

/** A TPM without a resource manager keeps what a module leaves in it. If this hangs, the program that started the process kills it. */
function finalize(): void {
  try {
    module?.call("C_Finalize", null);
  } catch (error) {
    if (!(error instanceof CryptokiError)) throw error;
  }
}

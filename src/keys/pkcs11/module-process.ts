/**
 * The process that a PKCS#11 module runs in. Takes requests on stdin, and answers on a descriptor of its own, since a module can print to
 * stdout and stderr. It ends with the program that started it, even while the module hangs: a thread waits for that.
 */
import { readSync, writeSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { isMainThread, Worker } from "node:worker_threads";
import { attempt } from "../../foundation/system-error.ts";
import { CryptokiError, loadCryptoki, type Cryptoki } from "./cryptoki.ts";
import { descriptors, type Answer, type Request } from "./protocol.ts";
import { answer } from "./session.ts";

const CKR_CRYPTOKI_ALREADY_INITIALIZED = 0x191;

let module: Cryptoki | undefined;

if (isMainThread) serve();
else endWithProgram();

function serve(): void {
  new Worker(new URL(import.meta.url)).unref();
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      const { number, request } = requestIn(line);
      // The line begins anew, in case the module printed to the descriptor.
      const say = (message: Answer): void =>
        void writeSync(descriptors.answers, `\n${JSON.stringify({ number, ...message })}\n`);
      say(reply(request, say));
    })
    .on("close", () => {
      finalize();
      end();
    });
}

/** Blocks its thread until there is no other end of the descriptor. */
function endWithProgram(): void {
  try {
    while (readSync(descriptors.life, Buffer.alloc(1)) > 0);
  } catch {
    // It is not open: nobody started this process in the right way.
  }
  end();
}

/** Processes that the module started are in the same group. Its threads and its handlers have no say. */
function end(): void {
  for (const target of process.platform === "win32" ? [process.pid] : [-process.pid, process.pid])
    attempt(() => process.kill(target, "SIGKILL"), ["ESRCH"]);
}

/** Written by module.ts of the same version. */
const requestIn: (line: string) => { number: number; request: Request } = JSON.parse;

function reply(request: Request, report: (answer: Answer) => void): Answer {
  try {
    if (request.do === "load") return load(request.path);
    if (!module) throw new TypeError("no module is loaded");
    return answer(module, request, report);
  } catch (error) {
    if (error instanceof CryptokiError) return { fault: { at: error.at, result: error.result } };
    throw error;
  }
}

function load(path: string): Answer {
  try {
    module = loadCryptoki(path);
  } catch (error) {
    if (error instanceof CryptokiError) throw error;
    return { unloadable: error instanceof Error ? error.message : "unknown" };
  }
  try {
    module.call("C_Initialize", null);
  } catch (error) {
    if (!(error instanceof CryptokiError) || error.result !== CKR_CRYPTOKI_ALREADY_INITIALIZED) throw error;
  }
  return { loaded: true };
}

/** A TPM without a resource manager keeps what a module leaves in it. If this hangs, the program that started the process kills it. */
function finalize(): void {
  try {
    module?.call("C_Finalize", null);
  } catch (error) {
    if (!(error instanceof CryptokiError)) throw error;
  }
}

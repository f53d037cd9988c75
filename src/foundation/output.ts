/** The one way out: what the program writes, without secrets and safe for a terminal, on a descriptor of its own. */
import { writeSync } from "node:fs";
import type { Secrets } from "./secrets.ts";
import { systemCode } from "./system-error.ts";

/**
 * Resolves when the text has left the process, and rejects when it cannot.
 * @param content `credential` for what a client asked for, which is the secret itself
 */
export type Write = (text: string, content?: "credential") => Promise<void>;

/** The filter before every output. Texts leave in the order in which they are written. */
export function filtered(write: (text: string) => Promise<void>, secrets: Secrets): Write {
  let last: Promise<unknown> = Promise.resolve();
  return (text, content) => {
    const written = last.then(async () => {
      if (text === "" || content === "credential") return write(text);
      // Loaded where there is something to filter: a credential from the cache does without.
      const { printableOutput } = await import("./confidential.ts");
      return write(printableOutput(text, secrets));
    });
    last = written.catch(() => undefined);
    return written;
  };
}

/**
 * The stream is asked for only when the descriptor does not take everything at once: with all that streams are made of, it takes
 * 3 ms to load.
 */
export function outputTo(
  descriptor: number,
  stream: () => NodeJS.WritableStream,
): (text: string) => Promise<void> {
  let direct = true;
  return async (text) => {
    const bytes = Buffer.from(text, "utf8");
    const rest = direct ? writeNow(descriptor, bytes) : bytes;
    if (rest.length === 0) return;
    // From here on everything takes this way, or a later text would overtake the rest of this one.
    direct = false;
    await writeTo(stream(), rest);
  };
}

/** @returns the rest that a full pipe, which does not block, did not take */
function writeNow(descriptor: number, bytes: Buffer): Buffer {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (systemCode(error) === "EAGAIN") return rest;
      throw error;
    }
  }
  return rest;
}

function writeTo(stream: NodeJS.WritableStream, bytes: Buffer): Promise<void> {
  // A failed write calls its callback and emits an event, which without a listener would end the process.
  if (stream.listenerCount("error") === 0) stream.on("error", () => undefined);
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

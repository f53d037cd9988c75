/** The only output: writes text without secrets, safe for a terminal, to its own descriptor. */
import { writeSync } from "node:fs";
import type { Secrets } from "./secrets.ts";
import { systemCode } from "./system-error.ts";

/**
 * Resolves when the text has left the process; rejects if it cannot be written.
 * @param content `credential` for a client's credential, which is itself the secret
 */
export type Write = (text: string, content?: "credential") => Promise<void>;

/** The filter before every output. Texts leave in the order of the writes. */
export function filtered(write: (text: string) => Promise<void>, secrets: Secrets): Write {
  let last: Promise<unknown> = Promise.resolve();
  return (text, content) => {
    const written = last.then(async () => {
      if (text === "" || content === "credential") return write(text);
      // Loaded only if there is something to filter. A credential from the cache needs no filter.
      const { printableOutput } = await import("./confidential.ts");
      return write(printableOutput(text, secrets));
    });
    last = written.catch(() => undefined);
    return written;
  };
}

/**
 * Creates the stream only if the descriptor does not accept everything at once, because loading the stream modules takes
 * 3 ms.
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
    // From here on every text uses the stream, so that none overtakes this one.
    direct = false;
    await writeTo(stream(), rest);
  };
}

/** @returns the rest that a full non-blocking pipe did not accept */
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

/** What the program says, on a descriptor of its own. */
import { writeSync } from "node:fs";
import { systemCode } from "./system-error.ts";

/**
 * The stream is asked for only when the descriptor does not take everything at once: with all that streams are made of, it takes
 * 3 ms to load.
 * @returns a function that resolves when the text has left the process, and rejects when it cannot
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

/** @returns what a pipe that is full, and does not block, would not take */
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
  // A failed write tells its callback and emits an event, which without a listener would end the process.
  if (stream.listenerCount("error") === 0) stream.on("error", () => undefined);
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

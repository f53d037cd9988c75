/** The waiter's side of a lock: connects to the holder, and waits for its line or its end. */
import { connect } from "node:net";
import { longestLine } from "./messages.ts";
import { systemCode } from "../../foundation/system-error.ts";

export type Answer =
  | { kind: "line"; line: string }
  /** The holder has died, or ended without a word, or talks nonsense. */
  | { kind: "gone" }
  /** No answer in time. */
  | { kind: "silent" }
  /** More wait than its queue holds. */
  | { kind: "full" };

export interface Wait {
  milliseconds: number;
  onConnect: () => void;
}

/** @throws the system's error when the holder's place cannot be used at all */
export function waitFor(holder: string, { milliseconds, onConnect }: Wait): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(holder);
    const line = lineReader();
    const settle = (answer: Answer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => {
      // A process that was suspended finds its timer over and the answer there: it reads first.
      setImmediate(settle, { kind: "silent" });
    }, milliseconds);
    socket.on("connect", onConnect);
    socket.on("data", (chunk) => {
      const answer = line(chunk);
      if (answer) settle(answer);
    });
    socket.on("close", () => {
      settle({ kind: "gone" });
    });
    socket.on("error", (error) => {
      clearTimeout(timer);
      const answer = answers[systemCode(error)];
      if (answer) resolve(answer);
      else reject(error);
    });
  });
}

const answers: Readonly<Record<string, Answer | undefined>> = {
  // Nobody listens any more; it has been freed; it is no socket; it ended just now.
  ECONNREFUSED: { kind: "gone" },
  ENOENT: { kind: "gone" },
  ENOTSOCK: { kind: "gone" },
  ECONNRESET: { kind: "gone" },
  EPIPE: { kind: "gone" },
  EAGAIN: { kind: "full" },
};

/** Bounded in memory, whatever is sent. */
function lineReader(): (chunk: Buffer) => Answer | undefined {
  const chunks: Buffer[] = [];
  let length = 0;
  return (chunk) => {
    chunks.push(chunk);
    length += chunk.length;
    if (chunk.includes(0x0a)) return { kind: "line", line: firstLine(Buffer.concat(chunks)) };
    return length > longestLine ? { kind: "gone" } : undefined;
  };
}

function firstLine(bytes: Buffer): string {
  return bytes.subarray(0, bytes.indexOf(0x0a)).toString("utf8");
}

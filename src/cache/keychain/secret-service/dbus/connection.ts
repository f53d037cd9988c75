/** A connection to the session bus: it authenticates, makes calls, and can be closed at any moment. */
import { createConnection, type Socket } from "node:net";
import { decodeMessage, encodeCall, type Call } from "./message.ts";
import type { Reader } from "./reader.ts";

const hello = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
  member: "Hello",
};

/** @throws the socket's error, or one with the name of the bus's error: its text can contain anything */
export async function connectToBus(path: string, uid: number, signal: AbortSignal): Promise<BusConnection> {
  const socket = createConnection(path);
  signal.addEventListener("abort", () => socket.destroy(), { once: true });
  const connection = new BusConnection(socket);
  try {
    await connection.signIn(uid);
    await connection.call(hello);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** It makes one call at a time. */
export class BusConnection {
  readonly #socket: Socket;
  readonly #chunks: AsyncIterator<Buffer>;
  #received: Buffer = Buffer.alloc(0);
  #serial = 0;

  constructor(socket: Socket) {
    // The next read reports it.
    this.#socket = socket.on("error", () => undefined);
    this.#chunks = socket[Symbol.asyncIterator]();
  }

  /** SASL EXTERNAL: the kernel authenticates us to the bus, and this line only repeats the user, in digits as hexadecimal. */
  async signIn(uid: number): Promise<void> {
    this.#socket.write(`\0AUTH EXTERNAL ${Buffer.from(String(uid)).toString("hex")}\r\n`);
    while (!this.#received.includes("\r\n") && this.#received.length < 4096) await this.#receive();
    if (this.#received.toString("latin1", 0, 3) !== "OK ") throw new Error("rejected");
    this.#received = Buffer.alloc(0);
    this.#socket.write("BEGIN\r\n");
  }

  /** @returns the answer's body. @throws as connectToBus */
  async call(call: Call): Promise<Reader> {
    this.#serial += 1;
    this.#socket.write(encodeCall(this.#serial, call));
    for (;;) {
      const message = decodeMessage(this.#received);
      if (!message) await this.#receive();
      else {
        this.#received = this.#received.subarray(message.length);
        const { reply } = message;
        if (reply?.to === this.#serial && reply.error !== undefined) throw new Error(reply.error);
        if (reply?.to === this.#serial) return reply.body;
      }
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  async #receive(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done) throw new Error("closed");
    this.#received = Buffer.concat([this.#received, next.value]);
  }
}

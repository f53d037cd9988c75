/** A connection to the session bus: it authenticates, makes calls, and can be closed at any moment. */
import { createConnection, type Socket } from "node:net";
import { decodeMessage, encodeCall, type Call, type Reply } from "./message.ts";
import type { Reader } from "./reader.ts";

interface Waiting {
  readonly resolve: (body: Reader) => void;
  readonly reject: (error: unknown) => void;
}

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
  try {
    await signIn(socket, uid);
    const connection = new BusConnection(socket);
    await connection.call(hello);
    return connection;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** SASL EXTERNAL: the kernel authenticates us to the bus, and this line only repeats the user. */
async function signIn(socket: Socket, uid: number): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    const closed = (): void => {
      reject(new Error("closed"));
    };
    socket.once("error", reject).once("close", closed);
    const listen = (chunk: Buffer): void => {
      said += chunk.toString("latin1");
      if (!said.includes("\r\n") && said.length < 4096) return;
      socket.off("data", listen).off("error", reject).off("close", closed);
      if (said.startsWith("OK ")) resolve();
      else reject(new Error("rejected"));
    };
    socket.on("data", listen);
    // The user's number in decimal digits, as hexadecimal.
    socket.write(`\0AUTH EXTERNAL ${Buffer.from(String(uid)).toString("hex")}\r\n`);
  });
  socket.write("BEGIN\r\n");
}

export class BusConnection {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #received: Buffer = Buffer.alloc(0);
  #serial = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#receive(chunk);
    });
    socket.on("error", (error) => {
      this.#fail(error);
    });
    socket.on("close", () => {
      this.#fail(new Error("closed"));
    });
  }

  /** @returns the answer's body. @throws as connectToBus */
  call(call: Call): Promise<Reader> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error("closed"));
        return;
      }
      this.#serial += 1;
      this.#waiting.set(this.#serial, { resolve, reject });
      this.#socket.write(encodeCall(this.#serial, call));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    try {
      for (let message = decodeMessage(this.#received); message; message = decodeMessage(this.#received)) {
        this.#received = this.#received.subarray(message.length);
        if (message.reply) this.#settle(message.reply);
      }
    } catch (error) {
      this.#fail(error);
      this.close();
    }
  }

  #settle({ to, error, body }: Reply): void {
    const waiting = this.#waiting.get(to);
    this.#waiting.delete(to);
    if (error === undefined) waiting?.resolve(body);
    else waiting?.reject(new Error(error));
  }

  #fail(error: unknown): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

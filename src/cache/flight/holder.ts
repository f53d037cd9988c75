/** The holder's side of a lock: those that wait for it, and how they are told. */
import { createServer, type Socket } from "node:net";

/** For a waiter that does not read; its connection's buffer takes the line in any case. */
const flushPatience = 1_000;
/** A crowd that never ends must not keep its holder. */
const mostQuietTimes = 4;

export interface Ending {
  /** Undefined when there is nothing that may be said: the connections are closed, and the waiters contend again. */
  line: string | undefined;
  /** Where there were waiters: for how many milliseconds none may come before the holder leaves. */
  linger: number;
  /** Gives the lock's place away. */
  release: () => void;
}

export class Holder {
  readonly server = createServer((socket) => {
    this.#admit(socket);
  });
  readonly #waiters = new Set<Socket>();
  #arrivals = 0;
  #line: string | undefined;

  constructor() {
    // A connection that cannot be accepted (EMFILE) is closed, and its waiter contends again. Without a listener, it would
    // end this process.
    this.server.on("error", () => undefined);
  }

  #admit(socket: Socket): void {
    this.#arrivals += 1;
    this.#waiters.add(socket);
    // A waiter may be killed; that concerns nobody here.
    socket.on("error", () => undefined);
    socket.on("close", () => this.#waiters.delete(socket));
    socket.resume();
    if (this.#line !== undefined) tell(socket, this.#line);
  }

  /** Resolves when all that came before the end have been told, and nothing is left open. */
  async end({ line, linger, release }: Ending): Promise<void> {
    this.#line = line;
    if (line !== undefined) for (const socket of this.#waiters) tell(socket, line);
    if (line !== undefined && this.#arrivals > 0) await this.#quiet(linger);
    release();
    await this.#emptyQueue();
    this.server.close();
    await this.#flush();
  }

  async #quiet(linger: number): Promise<void> {
    for (let time = 0, before = -1; linger > 0 && time < mostQuietTimes && before < this.#arrivals; time++) {
      before = this.#arrivals;
      await pause(linger);
    }
  }

  /**
   * Once the place is given away no one new can connect, but some may have connected that were not accepted yet:
   * closing the server would cut them off. Each turn of the event loop accepts at least one of them.
   */
  async #emptyQueue(): Promise<void> {
    // The turn that is under way may have polled before the place was given away.
    await turn();
    for (let before = -1; before < this.#arrivals;) {
      before = this.#arrivals;
      await turn();
    }
  }

  async #flush(): Promise<void> {
    const sockets = [...this.#waiters];
    const closed = sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
    const destroyAll = (): void => {
      for (const socket of sockets) socket.destroy();
    };
    if (this.#line === undefined) destroyAll();
    const timer = setTimeout(destroyAll, flushPatience);
    await Promise.all(closed);
    clearTimeout(timer);
  }
}

/** Closed as soon as the kernel has the line: a waiter reads it even after this process has ended. */
function tell(socket: Socket, line: string): void {
  socket.write(line);
  socket.destroySoon();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

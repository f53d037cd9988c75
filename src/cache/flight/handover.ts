/**
 * Sends the outcome of a lock holder's work to the waiting processes, over a socket, as one line of JSON.
 * The line can contain a session, so it uses only a private socket, never a file or a log.
 */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setImmediate as eventLoopTurn, setTimeout as pause } from "node:timers/promises";
import { exitCodes, EksX509Error, type ErrorCode, type Hop } from "../../foundation/errors.ts";
import { isObject, parseJson } from "../../foundation/json.ts";
import { systemCode } from "../../foundation/system-error.ts";

export type Outcome = { kind: "text"; text: string } | { kind: "failure"; failure: EksX509Error };

/** Increases when a line changes its meaning, because two versions of the program can run at the same time. */
const formatVersion = 1;

/** A session has about 2 KiB. The kernel accepts this much at once, so a slow reader does not delay the holder. */
export const longestLine = 64 * 1024;

/** A record, so that the compiler reports a missing hop. */
const hops: Readonly<Record<Hop, true>> = {
  configuration: true,
  "exec-info": true,
  certificate: true,
  "private-key": true,
  cache: true,
  "create-session": true,
  session: true,
  "assume-role": true,
  token: true,
  kubeconfig: true,
  "aws-config": true,
  plugin: true,
  sts: true,
  mapping: true,
  eks: true,
  "api-server": true,
  authorization: true,
  sandbox: true,
  serve: true,
  output: true,
};

/** With its line end. Undefined if it is too long to be sent. */
export function writeOutcome(key: string, outcome: Outcome): string | undefined {
  const line = `${JSON.stringify({ v: formatVersion, key, ...contentOf(outcome) })}\n`;
  return Buffer.byteLength(line) <= longestLine ? line : undefined;
}

function contentOf(outcome: Outcome): Record<string, unknown> {
  if (outcome.kind === "text") return { text: outcome.text };
  const { category, hop, code, message, hint } = outcome.failure;
  return { failure: { category, hop, code, message, hint } };
}

/**
 * @param key complete, because a lock's name contains only its beginning, and another key's session must not be used
 * @returns undefined for anything that this version did not write for this key
 */
export function readOutcome(key: string, line: string): Outcome | undefined {
  const json = parseJson(line);
  if (!isObject(json) || json["v"] !== formatVersion || json["key"] !== key) return undefined;
  const { text, failure } = json;
  if (typeof text === "string") return failure === undefined ? { kind: "text", text } : undefined;
  return isObject(failure) ? failureOf(failure) : undefined;
}

function failureOf({ category, hop, code, message, hint }: Record<string, unknown>): Outcome | undefined {
  if (!isKey(exitCodes, category) || !isKey(hops, hop)) return undefined;
  if (!isCode(code) || typeof message !== "string" || typeof hint !== "string") return undefined;
  return { kind: "failure", failure: new EksX509Error({ category, hop, code, message, hint }) };
}

function isKey<Key extends string>(table: Readonly<Record<Key, unknown>>, value: unknown): value is Key {
  return typeof value === "string" && Object.hasOwn(table, value);
}

/** Checks only the form, because the table of codes is not loaded at run time. */
function isCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && /^[A-Z][A-Z0-9_]+$/.test(value);
}

/** An empty line before the outcome. The holder may wait for a person: for a password, a PIN or a touch. */
const signOfLife = "\n";

/** For a waiting process that does not read. The buffer of its connection accepts the line. */
const flushPatience = 1_000;
/** New processes must not delay the holder without a limit. */
const mostQuietTimes = 4;

export interface Ending {
  /** Undefined if nothing can be sent. The connections are then closed, and the waiters compete again. */
  line: string | undefined;
  /** If there were waiters: the milliseconds without a new one after which the holder ends. */
  linger: number;
  release: () => void;
}

export class Holder {
  readonly server = createServer((socket) => {
    this.#admit(socket);
  });
  readonly #waiters = new Set<Socket>();
  #beat: NodeJS.Timeout | undefined;
  #arrivals = 0;
  #line: string | undefined;

  constructor() {
    // A connection that cannot be accepted (EMFILE) is closed, and its waiter competes again. Without a listener, it would
    // end this process.
    this.server.on("error", () => undefined);
  }

  /** @param beat milliseconds between two signs of life, which a stopped process does not give */
  showLife(beat: number): void {
    this.#beat = setInterval(() => {
      for (const socket of this.#waiters) socket.write(signOfLife);
    }, beat).unref();
  }

  #admit(socket: Socket): void {
    this.#arrivals += 1;
    this.#waiters.add(socket);
    // A waiter can be killed. This has no effect here.
    socket.on("error", () => undefined);
    socket.on("close", () => this.#waiters.delete(socket));
    socket.resume();
    if (this.#line !== undefined) send(socket, this.#line);
  }

  /** Resolves when all waiting processes have the line, and all connections are closed. */
  async end({ line, linger, release }: Ending): Promise<void> {
    this.#line = line;
    clearInterval(this.#beat);
    if (line !== undefined) for (const socket of this.#waiters) send(socket, line);
    // A waiter that has connected may not be accepted yet.
    if (line !== undefined && linger > 0) await this.#emptyQueue();
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
   * Some connections may not be accepted yet. After the place is freed, no process can connect, and closing the server would
   * end those. Each turn of the event loop accepts at least one of them.
   */
  async #emptyQueue(): Promise<void> {
    // The present turn may have polled before the place was freed.
    await eventLoopTurn();
    for (let before = -1; before < this.#arrivals;) {
      before = this.#arrivals;
      await eventLoopTurn();
    }
  }

  async #flush(): Promise<void> {
    const sockets = [...this.#waiters];
    const closed = sockets.map((socket) => once(socket, "close"));
    const destroyAll = (): void => {
      for (const socket of sockets) socket.destroy();
    };
    if (this.#line === undefined) destroyAll();
    const timer = setTimeout(destroyAll, flushPatience);
    await Promise.all(closed);
    clearTimeout(timer);
  }
}

/** Closed when the kernel has the line. A waiter can read it even after this process has ended. */
function send(socket: Socket, line: string): void {
  socket.write(line);
  socket.destroySoon();
}

export type Answer =
  | { kind: "line"; line: string }
  /** The holder has died, has ended without an outcome, or sends an invalid line. */
  | { kind: "gone" }
  /** The holder has given no sign of life for that time. */
  | { kind: "silent" }
  | { kind: "full" };

/** @throws the system's error if the holder's place cannot be used */
export function waitFor(
  holder: string,
  milliseconds: number,
  on: { connect: () => void; life?: () => void },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(holder).setEncoding("utf8");
    const settle = (answer: Answer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => {
      // A suspended process finds both the expired timer and the answer. It reads the answer first.
      setImmediate(settle, { kind: "silent" });
    }, milliseconds);
    let received = "";
    socket.on("connect", on.connect);
    socket.on("data", (text: string) => {
      timer.refresh();
      on.life?.();
      received = (received + text).replace(/^\n+/, "");
      if (received.includes("\n")) settle({ kind: "line", line: received.slice(0, received.indexOf("\n")) });
      else if (received.length > longestLine) settle({ kind: "gone" });
    });
    socket.on("close", () => {
      settle({ kind: "gone" });
    });
    socket.on("error", (error) => {
      const code = systemCode(error);
      if (code === "EAGAIN") settle({ kind: "full" });
      else if (goneCodes.has(code)) settle({ kind: "gone" });
      else {
        clearTimeout(timer);
        reject(error);
      }
    });
  });
}

/** No process listens, the place was freed, it is not a socket, or the holder has just ended. */
const goneCodes = new Set(["ECONNREFUSED", "ENOENT", "ENOTSOCK", "ECONNRESET", "EPIPE"]);

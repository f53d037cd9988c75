/** The outside world of the server. src/dependencies.ts provides it, and it is loaded when `serve` runs. */
import type { Answer, RequestFacts } from "./answers.ts";
import type { Moment } from "./lease.ts";

export interface ListenOptions {
  /** An IP address. */
  address: string;
  /** Zero for a free one. */
  port: number;
  /** The time to live of the IP packets that are sent; the system's default if undefined. */
  hopLimit?: number | undefined;
  answer: (request: RequestFacts) => Answer;
  /** Called for a request that is not HTTP, or is larger or slower than the limits. */
  onMalformed: (status: number) => void;
}

export interface Listening {
  /** `http://127.0.0.1:9911`. */
  url: string;
  /** Accepts no more connections, and resolves when the open requests are answered, at the latest after half a second. */
  close: () => Promise<void>;
}

export interface Serving {
  now: () => Moment;
  random: () => number;
  pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** @throws the system's error, such as EADDRINUSE; HopLimitUnsupported */
  listen: (options: ListenOptions) => Promise<Listening>;
  /** Writes a new file of mode 0600. One that is there already stays. */
  createFile: (path: string, text: string) => Promise<void>;
  /** sd_notify(3). @throws if the manager cannot be reached */
  notify: (socket: string, state: string) => void;
}

/** This runtime or system has no way to set the hop limit of a socket. */
export class HopLimitUnsupported extends Error {}

/** HTTP for the other rooms: a function creates the request, and the result is an answer or a network error with its cause. */
import { once } from "node:events";
import { uptime } from "node:process";
import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { StandardRetryStrategy } from "@smithy/core/retry";
import { EksX509Error } from "../foundation/errors.ts";
import type { Environment, Log, Machine, ReadFile, Streams } from "../foundation/ports.ts";
import type { Secrets } from "../foundation/secrets.ts";
import { connectEarly, routeTo, type Surroundings, type Target } from "./route.ts";
import { exchange, type Answer, type OutgoingRequest } from "./exchange.ts";
import { KnownFault, networkError, nodeCode, type Way, type Service } from "./faults.ts";
import { maxAttempts, trustStore } from "./trust-store.ts";

export interface Call extends Target {
  hop: Way["hop"];
  service: Service;
  /** Called for each attempt, so that each is signed at its own time. */
  request: () => Promise<OutgoingRequest>;
  throttles: (answer: Answer) => boolean;
}

export type Http = (call: Call) => Promise<Answer>;

export interface HttpSettings extends Surroundings {
  /** AWS_MAX_ATTEMPTS, or 3. */
  maxAttempts: number;
  onAttempt: (line: string) => void;
  /** For the network, in all attempts together: kubectl must never hang. 10, where nothing else is said. */
  deadlineSeconds?: number;
}

interface ClientPorts {
  env: Environment;
  readFile: ReadFile;
  secrets: Secrets;
  streams: Pick<Streams, "stderr">;
  machine: Pick<Machine, "executable">;
}

export function clientIn({ env, readFile, secrets, streams, machine }: ClientPorts, onAttempt: Log): Http {
  const warn = (line: string): void =>
    void streams.stderr(`eks-x509: warning: ${line}\n`).catch(() => undefined);
  return httpClient({
    env,
    trustStore: () => trustStore({ env, readFile, warn, isExecutable: machine.executable !== undefined }),
    maxAttempts: maxAttempts(env),
    onAttempt,
    secrets,
  });
}

export function httpClient(settings: HttpSettings): Http {
  return async ({ hop, service, request, throttles, ...target }) => {
    const route = await routeTo(target, settings);
    const seconds = settings.deadlineSeconds ?? 10;
    const limit = new TimeLimit(seconds);
    const passed = once(limit.signal, "abort").then(() => {
      throw new KnownFault("NO_ANSWER", `within ${seconds} seconds`);
    });
    const attempt = async (number: number): Promise<Answer> => {
      // The handshake takes place while a certificate is read and the request is signed.
      const early = route.proxy ? undefined : connectEarly(target.endpoint, route.tls);
      try {
        if (early) await firstFlight();
        const outgoing = await limit.without(request);
        settings.secrets?.add(...secretsIn(outgoing));
        const answer = await exchange(outgoing, route, limit.signal, early);
        settings.onAttempt(
          `${outgoing.method} ${outgoing.url.origin}${outgoing.url.pathname}, attempt ${number}: ${answer.status}`,
        );
        return answer;
      } finally {
        early?.end();
      }
    };
    try {
      return await Promise.race([withRetries(settings.maxAttempts, attempt, throttles), passed]);
    } catch (error) {
      if (error instanceof EksX509Error) throw error;
      const bundle = settings.env["AWS_CA_BUNDLE"] || undefined;
      throw networkError(error, { hop, service, url: target.endpoint, proxy: route.proxy?.url.host, bundle });
    } finally {
      limit.end();
    }
  };
}

/**
 * A socket that is connected at once sends the first message of its handshake. The present turn of the event loop may have polled
 * before the socket was there.
 */
async function firstFlight(): Promise<void> {
  await eventLoopTurn();
  await eventLoopTurn();
}

/** How long a call may take. It stands still while a request is created: a person may be asked for a PIN, or a card signs slowly. */
class TimeLimit {
  readonly #passed = new AbortController();
  #left: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(seconds: number) {
    this.#left = seconds * 1000;
    this.#run();
  }

  get signal(): AbortSignal {
    return this.#passed.signal;
  }

  async without<Result>(work: () => Promise<Result>): Promise<Result> {
    this.end();
    this.#left -= uptime() * 1_000 - this.#since;
    try {
      return await work();
    } finally {
      this.#run();
    }
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #run(): void {
    // For performance.now(), Node loads seven modules.
    this.#since = uptime() * 1_000;
    this.#timer = setTimeout(() => {
      this.#passed.abort();
    }, this.#left).unref();
  }
}

/** A token, a password, the signature of a signed request, a session token: whoever receives one may repeat it. */
function secretsIn({ headers, target = "", url }: OutgoingRequest): string[] {
  const { authorization = "", "x-amz-security-token": sessionToken = "" } = headers;
  const [, credentials = ""] = /^(?:bearer|basic) (.*)$/i.exec(authorization) ?? [];
  const [, signature = ""] = /signature=(\w+)/i.exec(authorization) ?? [];
  const parameters = (target || url.search).includes("?") ? new URL(target, url).searchParams : [];
  const ofUrl = [...parameters].flatMap(([name, value]) =>
    /^x-amz-(signature|security-token)$/i.test(name) ? [value] : [],
  );
  return [credentials, signature, sessionToken, ...ofUrl];
}

/**
 * The SDKs' "standard" retries: 3 attempts with full jitter, only for 5xx, throttling and connection faults.
 * AWS SDKs and Tools reference, "Retry behavior". Each attempt is a new request, signed anew.
 */
const connectionFaults = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/**
 * The first answer that is final, or the last attempt's answer.
 * @param attempt makes one exchange; a final error is thrown again
 * @param throttles whether an answer below 500 is a throttling one
 */
export async function withRetries(
  maxAttempts: number,
  attempt: (number: number) => Promise<Answer>,
  throttles: (answer: Answer) => boolean,
): Promise<Answer> {
  const strategy = new StandardRetryStrategy({ maxAttempts });
  let token = await strategy.acquireInitialRetryToken("");
  for (;;) {
    const outcome = await attempt(token.getRetryCount() + 1).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    );
    const isThrottled = "answer" in outcome && throttles(outcome.answer);
    const isTransient =
      "answer" in outcome ? outcome.answer.status >= 500 : connectionFaults.has(nodeCode(outcome.error));
    const errorType = isThrottled ? "THROTTLING" : "TRANSIENT";
    const next =
      (isThrottled || isTransient) &&
      (await strategy.refreshRetryTokenForRetry(token, { errorType }).catch(() => undefined));
    if (!next) {
      if ("answer" in outcome) return outcome.answer;
      throw outcome.error;
    }
    token = next;
  }
}

/** HTTP as the rest of the program sees it: a request maker in, an answer out, or a network error that says why not. */
import { EksX509Error, type Hop } from "../errors.ts";
import { routeTo } from "./agent.ts";
import { exchange, type Answer, type OutgoingRequest } from "./exchange.ts";
import { DeadlinePassed, networkError } from "./fault.ts";
import type { Environment } from "../environment.ts";
import { withRetries } from "./retries.ts";

export interface Call {
  hop: Hop;
  /** For messages: `Roles Anywhere`. */
  service: string;
  endpoint: URL;
  /** Called once an attempt, so that each is signed at its own time. */
  request: () => Promise<OutgoingRequest>;
  throttles: (answer: Answer) => boolean;
}

export type Http = (call: Call) => Promise<Answer>;

export interface HttpSettings {
  env: Environment;
  /** PEM; read once, when the first call is made. */
  trustStore: () => Promise<readonly string[] | undefined>;
  /** AWS_MAX_ATTEMPTS, or 3. */
  maxAttempts: number;
  onAttempt: (line: string) => void;
  /** For all attempts together: kubectl must never hang. 10, where nothing else is said. */
  deadlineSeconds?: number;
}

/** @throws EksX509Error of category network */
export function httpClient(settings: HttpSettings): Http {
  return async ({ hop, service, endpoint, request, throttles }) => {
    const route = await routeTo(endpoint, settings.env, await settings.trustStore());
    const { signal, passed } = deadline(settings.deadlineSeconds ?? 10);
    const attempt = async (number: number): Promise<Answer> => {
      const outgoing = await request();
      const answer = await exchange(outgoing, route, signal);
      settings.onAttempt(
        `${outgoing.method} ${outgoing.url.origin}${outgoing.url.pathname}, attempt ${number}: ${answer.status}`,
      );
      return answer;
    };
    try {
      return await Promise.race([withRetries(settings.maxAttempts, attempt, throttles), passed]);
    } catch (error) {
      throw error instanceof EksX509Error
        ? error
        : networkError(error, { hop, service, url: endpoint, proxy: route.proxy });
    } finally {
      route.agent.destroy();
    }
  };
}

function deadline(seconds: number): { signal: AbortSignal; passed: Promise<never> } {
  const signal = AbortSignal.timeout(seconds * 1000);
  const passed = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(new DeadlinePassed(seconds));
    });
  });
  return { signal, passed };
}

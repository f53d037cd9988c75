/**
 * The SDKs' "standard" retries: 3 attempts with full jitter, only for 5xx, throttling and connection faults.
 * AWS SDKs and Tools reference, "Retry behavior". Each attempt is a new request, signed anew.
 */
import { StandardRetryStrategy } from "@smithy/core/retry";
import type { Answer } from "./exchange.ts";
import { nodeCode } from "./faults.ts";

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

type RetryableType = "THROTTLING" | "TRANSIENT";

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
    const outcome = await settled(attempt(token.getRetryCount() + 1));
    const errorType = "answer" in outcome ? answerType(outcome.answer, throttles) : faultType(outcome.error);
    const next =
      errorType && (await strategy.refreshRetryTokenForRetry(token, { errorType }).catch(() => undefined));
    if (!next) {
      if ("answer" in outcome) return outcome.answer;
      throw outcome.error;
    }
    token = next;
  }
}

async function settled(promise: Promise<Answer>): Promise<{ answer: Answer } | { error: unknown }> {
  try {
    return { answer: await promise };
  } catch (error) {
    return { error };
  }
}

function answerType(answer: Answer, throttles: (answer: Answer) => boolean): RetryableType | undefined {
  if (throttles(answer)) return "THROTTLING";
  return answer.status >= 500 ? "TRANSIENT" : undefined;
}

function faultType(error: unknown): RetryableType | undefined {
  return connectionFaults.has(nodeCode(error)) ? "TRANSIENT" : undefined;
}

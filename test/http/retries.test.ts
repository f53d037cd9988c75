import { describe, expect, it } from "vitest";
import { withRetries } from "../../src/http/client.ts";

type Outcome = number | string;

/** Attempts with these outcomes, one after the other: a status, or the code of a fault. The last one repeats. */
async function attempts(maxAttempts: number, ...outcomes: Outcome[]) {
  let count = 0;
  const attempt = (number: number) => {
    count += 1;
    expect(number).toBe(count);
    const outcome = outcomes[Math.min(count, outcomes.length) - 1];
    if (typeof outcome === "number") return Promise.resolve({ status: outcome, headers: {}, body: "" });
    return Promise.reject(Object.assign(new Error("fault"), { code: outcome }));
  };
  const result = await withRetries(maxAttempts, attempt, ({ status }) => status === 429).then(
    ({ status }) => status,
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );
  return { result, count };
}

describe("an attempt is made again", () => {
  it.each<[string, Outcome[], Outcome, number]>([
    ["a success is final", [201], 201, 1],
    ["500, then success", [500, 201], 201, 2],
    ["502, 503, then success", [502, 503, 201], 201, 3],
    ["a fault of the connection, then success", ["ECONNRESET", 201], 201, 2],
    ["throttling, then success", [429, 201], 201, 2],
    ["500 for ever: three attempts, and the answer", [500], 500, 3],
    ["throttling for ever: three attempts, and the answer", [429], 429, 3],
    ["refusing for ever: three attempts, and the fault", ["ECONNREFUSED"], "ECONNREFUSED", 3],
    ["a refusal is final", [403], 403, 1],
    ["a bad request is final", [400], 400, 1],
    ["a redirect is final", [302], 302, 1],
    ["a final answer after a 500", [500, 403], 403, 2],
    ["an untrusted certificate is final", ["DEPTH_ZERO_SELF_SIGNED_CERT"], "DEPTH_ZERO_SELF_SIGNED_CERT", 1],
  ])("%s", async (_what, outcomes, result, count) => {
    expect(await attempts(3, ...outcomes)).toEqual({ result, count });
  });

  it.each([
    "ECONNRESET",
    "ECONNREFUSED",
    "EPIPE",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTFOUND",
    "EAI_AGAIN",
  ])("on %s", async (code) => {
    expect(await attempts(2, code, 201)).toEqual({ result: 201, count: 2 });
  });

  it("never, with AWS_MAX_ATTEMPTS=1", async () => {
    expect(await attempts(1, 500)).toEqual({ result: 500, count: 1 });
  });
});

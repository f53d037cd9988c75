/** The code and the message of a failure. */
import { expect } from "vitest";
import { EksX509Error } from "../src/foundation/errors.ts";

/** The error that a call throws; fails the test when it throws none, or one of another type. */
export function failureOf(call: () => unknown): EksX509Error {
  try {
    call();
  } catch (error) {
    return known(error);
  }
  expect.fail("nothing was thrown");
}

export async function rejectionOf(promise: Promise<unknown>): Promise<EksX509Error> {
  const error: unknown = await promise.then(
    () => expect.fail("nothing was thrown"),
    (reason: unknown) => reason,
  );
  return known(error);
}

function known(error: unknown): EksX509Error {
  if (error instanceof EksX509Error) return error;
  throw error;
}

/** The code, or undefined when the call succeeds. */
export function codeOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return known(error).code;
  }
}

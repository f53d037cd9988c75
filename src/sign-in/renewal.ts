/** A renewal replaces certificate and key one after the other. In between they do not belong together. */
import { EksX509Error } from "../foundation/errors.ts";
import type { SignIn } from "./ports.ts";

/** Milliseconds. Tools that write the two files need less than a second and a half. */
const pause = 250;
const attempts = 7;

/**
 * Does the work again for a while, as long as certificate and key do not match.
 * @param work reads both files
 */
export async function whileRenewed<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let left = attempts - 1; ; left -= 1)
    try {
      return await work();
    } catch (error) {
      if (left === 0 || !isMismatch(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
}

/**
 * The second of the two files may follow in a moment.
 * @throws the error, if it is not about two files that do not belong together
 */
export async function afterRenewal<Result>(
  error: Error,
  { log }: Pick<SignIn, "log">,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!isMismatch(error)) throw error;
  log("certificate", "the key does not match: waiting a moment for a renewal to end");
  return whileRenewed(work);
}

function isMismatch(error: unknown): boolean {
  return error instanceof EksX509Error && error.code === "PRIVATE_KEY_MISMATCH";
}

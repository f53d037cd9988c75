/** Watches for what another process does: at once when it is done, and with patience for a busy machine. */
import { vi } from "vitest";

/** @param check throws, or returns false, while it is not done yet */
export function until<Result>(
  check: () => Result | false | Promise<Result | false>,
): Promise<Exclude<Result, false>> {
  return vi.waitFor(
    async () => {
      const result = await check();
      if (isDone(result)) return result;
      throw new Error(`it does not come about: ${check.toString()}`);
    },
    { timeout: 100_000, interval: 20 },
  );
}

function isDone<Result>(result: Result): result is Exclude<Result, false> {
  return result !== false;
}

/** Watches for what another process does: at once when it is done, and with patience for a busy machine. */
import { vi } from "vitest";

export function until<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, { timeout: 25_000, interval: 20 });
}

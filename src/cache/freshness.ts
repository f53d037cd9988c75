/** Whether an entry can be served. Pure, with the time as an argument. */
import type { CacheRecord } from "./record.ts";

/** The remaining time below which a token is not served, because client-go uses a token until its last second. */
const tokenFloor = 60_000;
/**
 * A token expires one minute before its session (src/token/eks-token.ts). With less than three minutes it would be served
 * for one minute or less, and every run in that time would sign a new token.
 */
const sessionFloor = 3 * 60_000;
/** An entry from the future was written before the clock was set back, so its other times are wrong too. */
const clockGrain = 2_000;
/** No token lives longer (src/token/eks-token.ts). An entry that claims more comes from another clock. */
const longestToken = 14 * 60_000;

/** Undefined if fresh; otherwise the reason, for --verbose. */
export function staleness({ kind, createdAt, expiration }: CacheRecord, now: Date): string | undefined {
  const remaining = expiration.getTime() - now.getTime();
  if (createdAt.getTime() > now.getTime() + clockGrain) return "it is from the future";
  if (remaining <= 0) return "it has expired";
  if (remaining < (kind === "token" ? tokenFloor : sessionFloor)) return "it ends too soon";
  if (kind === "token" && remaining > longestToken + clockGrain) return "it claims to live too long";
  return undefined;
}

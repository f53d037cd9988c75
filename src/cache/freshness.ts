/** Whether an entry may still be served: pure, with the time as an argument. */
import type { CacheRecord } from "./record.ts";

/** client-go uses a token until its very end, and has no margin of its own: one is served while this much remains. */
const tokenFloor = 60_000;
/**
 * A token made of a session ends a minute before it (src/token/eks-token.ts); below three minutes it would be served for
 * one minute or less, and every run in that time would sign anew for nothing.
 */
const sessionFloor = 3 * 60_000;
/** An entry made later than now is from before the clock was set back; by as much, its other times are wrong too. */
const clockGrain = 2_000;
/** No token lives longer (src/token/eks-token.ts); one that claims to was made by another clock. */
const longestToken = 14 * 60_000;

/** Undefined when fresh; otherwise why not, for --verbose. */
export function staleness({ kind, createdAt, expiration }: CacheRecord, now: Date): string | undefined {
  const remaining = expiration.getTime() - now.getTime();
  if (createdAt.getTime() > now.getTime() + clockGrain) return "it is from the future";
  if (remaining <= 0) return "it has expired";
  if (remaining < (kind === "token" ? tokenFloor : sessionFloor)) return "it ends too soon";
  if (kind === "token" && remaining > longestToken + clockGrain) return "it claims to live too long";
  return undefined;
}

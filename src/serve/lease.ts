/** How long a session is served, and when it is renewed. Pure, with the time as an argument. All durations are in milliseconds. */

/** The two clocks of a machine. The wall clock can be set. The uptime only counts, and can stand still while the machine sleeps. */
export interface Moment {
  wall: Date;
  uptime: number;
}

/** The life of a session that this process has received. */
export interface Lease {
  end: Date;
  life: number;
  receivedAt: number;
  leftAtReceipt: number;
}

export function leaseOf(
  { createdAt, expiration: end }: { createdAt: Date; expiration: Date },
  { wall, uptime }: Moment,
): Lease {
  const life = end.getTime() - createdAt.getTime();
  return { end, life, receivedAt: uptime, leftAtReceipt: end.getTime() - wall.getTime() };
}

/** By the clock that leaves less: a wall clock that is set back must not lengthen a session. */
export function timeLeft({ end, receivedAt, leftAtReceipt }: Lease, { wall, uptime }: Moment): number {
  return Math.min(end.getTime() - wall.getTime(), leftAtReceipt - (uptime - receivedAt));
}

export function isLive(lease: Lease, now: Moment): boolean {
  return timeLeft(lease, now) > 0;
}

/** A session is renewed in the last fifth of its life, and up to a twentieth earlier, so that many servers do not renew at once. */
const lastPart = 1 / 5;
const spread = 1 / 20;

/** The time until the renewal is due, which can be negative. @param jitter 0 to 1, one for each session */
export function renewalIn(lease: Lease, jitter: number, now: Moment): number {
  return timeLeft(lease, now) - lease.life * (lastPart + spread * jitter);
}

const firstPause = 1_000;
const longestPause = 30_000;

/** The pause after failures in a row: it doubles up to 30 seconds. @param jitter 0 to 1, which shortens it by up to a half */
export function pauseAfter(failures: number, jitter: number): number {
  const full = Math.min(firstPause * 2 ** (failures - 1), longestPause);
  return full * (1 - jitter / 2);
}

export interface Renewal {
  /** Undefined before the first session. */
  lease: Lease | undefined;
  /** In a row. */
  failures: number;
  /** Uptime of the last attempt. */
  lastAttempt: number;
  jitter: number;
}

/** The time until the next attempt; zero if it is due. */
export function nextAttemptIn({ lease, failures, lastAttempt, jitter }: Renewal, now: Moment): number {
  const due =
    failures > 0
      ? lastAttempt + pauseAfter(failures, jitter) - now.uptime
      : lease
        ? renewalIn(lease, jitter, now)
        : 0;
  return Math.max(due, 0);
}

/**
 * What to do when a client process asks for a token that it has already been given, and that is still good. client-go keeps
 * a token until its end, and runs the plugin sooner for one reason, a 401, of which it says nothing; the same token
 * once more would be a 401 once more. But a program that reads its kubeconfig anew asks twice as well, so this is a hint, no
 * proof: what follows from it must be cheap, and never harm.
 *
 * 1. The token is signed anew with the session that is kept: no network, at most once in each 10 seconds.
 * 2. When such a token is asked for again, the session may be what is refused: its role was made anew. There is a new one,
 *    at most once in each quarter of an hour, the shortest session that Roles Anywhere makes. A session of less than a minute
 *    stays: Roles Anywhere has only just looked at the role.
 * 3. Otherwise the client gets the token once more.
 *
 * Each limit holds for one key (a cluster's token, an identity's session) and for all processes of this user together.
 */
import type { SessionRecord } from "../record.ts";

export type Cure = "new session" | "new token" | "none";

/** Milliseconds of the clock, in each of which it is done at most once. */
export const spans = { "new token": 10_000, "new session": 15 * 60_000 } as const;
/** Milliseconds. */
const youngestToReplace = 60_000;

export interface Suspicion {
  /** The token that is asked for again was itself made in place of one that seemed to be refused. */
  substitute: boolean;
  /** Undefined when none is kept: a new token would take a call to AWS as well. */
  session: SessionRecord | undefined;
  now: Date;
}

/** @param claim whether it may be done in this span; true at most once */
export function cureFor(
  { substitute, session, now }: Suspicion,
  claim: (cure: Exclude<Cure, "none">) => boolean,
): Cure {
  if (!session) return claim("new session") ? "new session" : "none";
  const age = now.getTime() - session.createdAt.getTime();
  if (substitute && age >= youngestToReplace && claim("new session")) return "new session";
  return claim("new token") ? "new token" : "none";
}

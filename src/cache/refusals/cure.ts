/**
 * What to do when a client process asks again for a token that it has, and that is still good. client-go keeps a token until its
 * end. It runs the plugin sooner only after a 401, and does not say so. The same token would be refused again. But a program that
 * reads its kubeconfig again also asks twice, so the request is a hint and no proof: the answer must be cheap and do no harm.
 *
 * 1. The token is signed again with the kept session: no network, at most once in each 10 seconds.
 * 2. When the client asks again for such a token, the cluster may refuse the session, because its role was deleted and created
 *    again. A new session is made, at most once in each quarter of an hour, which is the shortest session of Roles Anywhere.
 *    A session that is younger than a minute stays: Roles Anywhere has checked the role within that minute.
 * 3. Otherwise the client gets the same token again.
 *
 * Each limit holds for one key (a cluster's token, an identity's session), and for all processes of this user together.
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

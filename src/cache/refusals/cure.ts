/**
 * The reaction to a client process that requests a token again although its token is still valid. client-go keeps a token
 * until it expires. It runs the plugin earlier only after a 401, and does not report this. The same token would be refused
 * again. But a program that reads its kubeconfig again also asks twice, so the request is only a hint, and the reaction must
 * be cheap and harmless.
 *
 * 1. The token is signed again with the cached session: without the network, at most once in 10 seconds.
 * 2. If the client requests such a token again, the cluster may refuse the session, because its role was deleted and created
 *    again. A new session is created, at most once in 15 minutes, which is the shortest session of Roles Anywhere.
 *    A session of less than a minute stays, because Roles Anywhere has just checked the role.
 * 3. Otherwise the client gets the same token again.
 *
 * Each limit holds for one key (a cluster's token, an identity's session), and for all processes of this user together.
 */
import type { SessionRecord } from "../record.ts";

export type Cure = "new session" | "new token" | "none";

/** Milliseconds of the clock. The action happens at most once in each span. */
export const spans = { "new token": 10_000, "new session": 15 * 60_000 } as const;
/** Milliseconds. */
const youngestToReplace = 60_000;

export interface Suspicion {
  /** The requested token already replaced one that seemed to be refused. */
  substitute: boolean;
  /** Undefined if no session is cached. A new token would then need a call to AWS as well. */
  session: SessionRecord | undefined;
  now: Date;
}

/** @param claim whether the action is allowed in this span; true at most once */
export function cureFor(
  { substitute, session, now }: Suspicion,
  claim: (cure: Exclude<Cure, "none">) => boolean,
): Cure {
  if (!session) return claim("new session") ? "new session" : "none";
  const age = now.getTime() - session.createdAt.getTime();
  if (substitute && age >= youngestToReplace && claim("new session")) return "new session";
  return claim("new token") ? "new token" : "none";
}

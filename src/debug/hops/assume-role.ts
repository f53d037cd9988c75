/** The second role, if there is one: a new session of it, whatever the cache holds. */
import { assumeRole, longestChained } from "../../aws/sts/assume-role.ts";
import type { Http } from "../../http/client.ts";
import type { Session } from "../../rolesanywhere/session.ts";
import type { SessionInput } from "../../sign-in/input.ts";
import { timeText, type Findings, type PossibleFact } from "../report/findings.ts";

/** @returns the first session if there is no second role; undefined after a failure */
export async function secondSessionHop(
  findings: Findings,
  { second, parameters: { durationSeconds } }: SessionInput,
  first: Session,
  { http, clock }: { http: Http; clock: () => Date },
): Promise<Session | undefined> {
  if (!second) return first;
  const facts: PossibleFact[] = [
    ["endpoint", second.endpoint.origin],
    ["second role", second.role.text],
    ["external ID", second.externalId === undefined ? "none" : "given"],
  ];
  return findings.on("assume-role", async () => {
    const caller = { ...second, session: first };
    const assumed = await assumeRole({ ...second, durationSeconds }, caller, { http, clock });
    const isCut = durationSeconds > longestChained;
    findings.ok("assume-role", assumed.assumedRoleArn, [
      ...facts,
      ["access key id", assumed.credentials.accessKeyId],
      ["expires", timeText(assumed.expiration, clock())],
      ["duration", isCut ? "an hour, the most for a role that another role's session assumes" : undefined],
    ]);
    return { ...assumed, sourceIdentity: first.sourceIdentity };
  });
}

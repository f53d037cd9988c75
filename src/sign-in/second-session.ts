/** Assumes a second role with the session of Roles Anywhere. */
import { assumeRole, longestChained } from "../aws/sts/assume-role.ts";
import type { SessionRecord } from "../cache/record.ts";
import type { SecondRole, SessionInput } from "./input.ts";
import type { SignIn } from "./ports.ts";

export async function secondSession(
  { parameters: { durationSeconds } }: SessionInput,
  second: SecondRole,
  { session: first, label }: SessionRecord,
  signIn: SignIn,
): Promise<{ record: SessionRecord; seconds: number }> {
  const { clock, log } = signIn;
  if (durationSeconds > longestChained)
    log("assume-role", "an hour is requested, the most for a role that another role's session assumes");
  const http = await signIn.http("assume-role");
  const createdAt = clock();
  const { seconds, ...assumed } = await assumeRole(
    { ...second, durationSeconds },
    { ...second, session: first },
    { http, clock },
  );
  // The source identity stays along the chain, and cannot be changed.
  const session = { ...assumed, sourceIdentity: first.sourceIdentity };
  return {
    record: {
      kind: "session",
      session,
      createdAt,
      expiration: assumed.expiration,
      label: { ...label, roleArn: second.role.text },
    },
    seconds,
  };
}

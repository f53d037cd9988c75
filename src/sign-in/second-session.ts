/** Assumes a second role with the session of Roles Anywhere. */
import { assumeRole, longestChained } from "../aws/sts/assume-role.ts";
import type { SessionRecord } from "../cache/record.ts";
import { EksX509Error } from "../foundation/errors.ts";
import type { SecondRole, SessionInput } from "./input.ts";
import type { SignIn } from "./ports.ts";

interface Assumed {
  record: SessionRecord;
  seconds: number;
}

/** Milliseconds. A first session that is younger is not the cause, so failing runs create one a minute at most. */
const youngest = 60_000;

/** @param firstSession the kept one or a new one, but not the refused one */
export async function secondSession(
  input: SessionInput,
  second: SecondRole,
  firstSession: (refused?: SessionRecord) => Promise<SessionRecord>,
  signIn: SignIn,
): Promise<Assumed> {
  const first = await firstSession();
  try {
    return await assumedWith(first, input, second, signIn);
  } catch (error) {
    if (!isUnknown(error) || signIn.clock().getTime() - first.createdAt.getTime() < youngest) throw error;
    signIn.log("assume-role", `${error.message} (${error.code}): a new first session is created`);
    return assumedWith(await firstSession(first), input, second, signIn);
  }
}

/** A kept session can have ended if the clock was set, and is unknown if its role was deleted. */
function isUnknown(error: unknown): error is EksX509Error {
  const codes = ["ASSUME_ROLE_SESSION_EXPIRED", "ASSUME_ROLE_SESSION_UNKNOWN"];
  return error instanceof EksX509Error && codes.includes(error.code);
}

async function assumedWith(
  { session: first, label }: SessionRecord,
  { parameters: { durationSeconds } }: SessionInput,
  second: SecondRole,
  signIn: SignIn,
): Promise<Assumed> {
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

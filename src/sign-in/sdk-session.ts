/**
 * The session for the AWS CLI and SDKs, which ask for a new one while theirs still lives. On a hit: files → keychain. The code of a
 * miss is loaded on a miss.
 */
import { sessionKey } from "../cache/cache-key.ts";
import type { SessionRecord } from "../cache/record.ts";
import { EksX509Error } from "../foundation/errors.ts";
import { withIdentityFiles } from "./identity-files.ts";
import type { SessionInput } from "./input.ts";
import type { SignIn } from "./ports.ts";
import type { IsUseful } from "./session.ts";

/**
 * Milliseconds before the end from which botocore asks again at every request (_DEFAULT_ADVISORY_REFRESH_TIMEOUT). It is the earliest of
 * all SDKs: JavaScript asks 5 minutes before the end, Java 15 seconds, Go at the end. With an older session, a long botocore
 * program would start this one for each of its requests.
 */
const longestAdvance = 15 * 60_000;

/** A session of 15 minutes, the shortest one, is served for ten: five are what the JavaScript SDK asks ahead. */
const shareOfLife = 1 / 3;

/** Rejects a kept session that its user would ask to renew at once. */
export const isUsefulToSdks: IsUseful = ({ createdAt, expiration }, now) => {
  const life = expiration.getTime() - createdAt.getTime();
  return expiration.getTime() - now.getTime() >= Math.min(longestAdvance, life * shareOfLife);
};

/** If no new session can be created, a kept one that still lives is used: its user has time to remove the cause. */
export async function sdkSession(input: SessionInput, signIn: SignIn): Promise<SessionRecord> {
  const { entries, log, clock, sha256 } = signIn;
  return withIdentityFiles(input.files, signIn, async (files) => {
    const key = sessionKey({ ...input, fingerprints: files.fingerprints }, sha256);
    const found = await entries.read(key);
    const kept = found?.kind === "session" ? found : undefined;
    if (kept && isUsefulToSdks(kept, clock())) {
      log(
        "session",
        `from the cache: ${kept.session.assumedRoleArn}, until ${kept.expiration.toISOString()}`,
      );
      return kept;
    }
    const { sharedSession } = await import("./session.ts");
    try {
      return await sharedSession({ input, files, key, isUseful: isUsefulToSdks }, signIn);
    } catch (error) {
      if (!(error instanceof EksX509Error) || !kept) throw error;
      log("session", `no new one, so the kept one is used: ${error.message} (${error.code})`);
      return kept;
    }
  });
}

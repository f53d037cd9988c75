/**
 * The use case of every command that needs AWS credentials and no token: files → keychain → session. get-token signs with the
 * same session. The code of a miss is loaded on a miss.
 */
import { sessionKey } from "../cache/cache-key.ts";
import type { SessionRecord } from "../cache/record.ts";
import { type IdentityFiles, withIdentityFiles } from "./identity-files.ts";
import type { SessionInput } from "./input.ts";
import type { SignIn } from "./ports.ts";
import type { IsUseful } from "./session.ts";

/**
 * @param isUseful which kept sessions are good enough; all that the cache serves if undefined. Only the others cost a call
 * @returns credentials, assumed role, source identity and expiry; createdAt is the time of the call
 * @throws EksX509Error if there is no kept session, and no new one either
 */
export async function getSession(
  input: SessionInput,
  signIn: SignIn,
  isUseful: IsUseful = () => true,
): Promise<SessionRecord> {
  return withIdentityFiles(input.files, signIn, async (files) => {
    const key = keyOf(input, files, signIn);
    const kept = await keptUnder(key, signIn);
    if (kept && isUseful(kept, signIn.clock())) return kept;
    const { sessionFor } = await import("./session.ts");
    return sessionFor({ input, files, key, isUseful }, signIn);
  });
}

/** A kept session that the cache serves, however soon it ends. For a command whose call for a new one has failed. */
export async function keptSession(input: SessionInput, signIn: SignIn): Promise<SessionRecord | undefined> {
  return withIdentityFiles(input.files, signIn, (files) => keptUnder(keyOf(input, files, signIn), signIn));
}

function keyOf(input: SessionInput, { fingerprints }: IdentityFiles, { sha256 }: SignIn): string {
  return sessionKey({ ...input, fingerprints }, sha256);
}

async function keptUnder(key: string, signIn: SignIn): Promise<SessionRecord | undefined> {
  const { entries, secrets, log } = signIn;
  const found = await entries.read(key);
  if (found?.kind !== "session") return undefined;
  const { credentials, assumedRoleArn } = found.session;
  secrets.add(credentials.secretAccessKey, credentials.sessionToken);
  log("session", `from the cache: ${assumedRoleArn}, until ${found.expiration.toISOString()}`);
  return found;
}

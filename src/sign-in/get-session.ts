/** The use case of a command that needs AWS credentials and no token: files → keychain → session. get-token signs with the same session. */
import { sessionKey } from "../cache/cache-key.ts";
import type { SessionRecord } from "../cache/record.ts";
import { withIdentityFiles } from "./identity-files.ts";
import type { SessionInput } from "./input.ts";
import type { SignIn } from "./ports.ts";
import { sessionFor, type IsUseful } from "./session.ts";

/**
 * @param isUseful which kept sessions are good enough; all that the cache serves if undefined. Only the others cost a call
 * @returns credentials, assumed role, source identity and expiry; createdAt is the time of the call
 * @throws EksX509Error if there is no kept session, and no new one either
 */
export async function getSession(
  input: SessionInput,
  signIn: SignIn,
  isUseful?: IsUseful,
): Promise<SessionRecord> {
  return withIdentityFiles(input.files, signIn, (files) => {
    const key = sessionKey({ ...input, fingerprints: files.fingerprints }, signIn.sha256);
    return sessionFor({ input, files, key, isUseful }, signIn);
  });
}

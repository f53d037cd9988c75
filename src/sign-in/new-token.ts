/** The use case, from where the keychain has no token: a session, kept or new, and a token signed with it. */
import type { CacheKeys } from "../cache/cache-key.ts";
import type { IdentityFiles } from "../cache/identity-files.ts";
import type { GetTokenInput } from "./input.ts";
import type { SignIn } from "./ports.ts";
import type { Credential } from "../exec/exec-credential.ts";
import { tokenInstead } from "./refused-token.ts";
import { sessionFor } from "./session.ts";
import { signedToken } from "./signed-token.ts";

/** Where another command needs a session alone, and for the token that was refused: from here, so that the bundle keeps all in one file. */
export { sessionFor, tokenInstead };

/**
 * @param files what the keys were made of
 * @throws EksX509Error
 */
export async function newToken(
  input: GetTokenInput,
  files: IdentityFiles,
  keys: CacheKeys,
  ports: SignIn,
): Promise<Credential> {
  const session = await sessionFor(input, files, keys.session, ports);
  const { token, createdAt, expiration } = await signedToken(
    session,
    input,
    keys.token,
    ports.clock(),
    ports,
  );
  const ledger = ports.entries.ledger?.();
  ledger?.sweep(createdAt);
  ledger?.give({ account: keys.token, createdAt });
  return { token, expiration };
}

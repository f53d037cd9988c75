/**
 * The use case up to a hit: files → keychain → token. The code of a miss is loaded on a miss.
 * It follows the diagram in docs/architecture.md.
 */
import { cacheKeys } from "../cache/cache-key.ts";
import type { IssuedToken } from "../exec/exec-info.ts";
import { withIdentityFiles, type IdentityFiles } from "./identity-files.ts";
import type { GetTokenInput } from "./input.ts";
import type { SignIn } from "./ports.ts";

export async function getToken(input: GetTokenInput, signIn: SignIn): Promise<IssuedToken> {
  return withIdentityFiles(input.files, signIn, (files) => tokenFor(input, files, signIn));
}

async function tokenFor(input: GetTokenInput, files: IdentityFiles, signIn: SignIn): Promise<IssuedToken> {
  const { entries, log, sha256 } = signIn;
  const keys = cacheKeys({ ...input, fingerprints: files.fingerprints }, sha256);
  const cached = await entries.read(keys.token);
  if (cached?.kind !== "token") {
    const { newToken } = await import("./miss.ts");
    return newToken({ input, files, keys }, signIn);
  }
  log("token", `from the cache, until ${cached.expiration.toISOString()}`);
  const ledger = entries.ledger?.();
  const before = ledger?.give({ account: keys.token, createdAt: cached.createdAt });
  if (!ledger || !before?.again) return { token: cached.token, expiration: cached.expiration };
  const { tokenInstead } = await import("./refused-token.ts");
  return tokenInstead({ input, files, keys, refused: cached, before, ledger }, signIn);
}

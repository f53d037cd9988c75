/**
 * The use case up to a hit: files → keychain → token. The code of a miss is loaded on a miss.
 * It follows the diagram in docs/architecture.md.
 */
import { cacheKeys } from "../cache/cache-key.ts";
import { EksX509Error } from "../foundation/errors.ts";
import type { IssuedToken } from "../exec/exec-info.ts";
import { readIdentityFiles, type IdentityFiles } from "./identity-files.ts";
import type { GetTokenInput } from "./input.ts";
import type { SignIn } from "./ports.ts";

export async function getToken(input: GetTokenInput, signIn: SignIn): Promise<IssuedToken> {
  const files = await readIdentityFiles(input.files, signIn);
  try {
    return await tokenFor(input, files, signIn);
  } catch (error) {
    if (!(error instanceof EksX509Error) || error.category !== "identity") throw error;
    const renewed = await readIdentityFiles(input.files, signIn);
    if (!areSame(files, renewed)) {
      signIn.log("certificate", "the files were renewed while they were read: reading them again");
      return tokenFor(input, renewed, signIn);
    }
    const { afterRenewal } = await import("./renewal.ts");
    return afterRenewal(error, signIn, async () =>
      tokenFor(input, await readIdentityFiles(input.files, signIn), signIn),
    );
  }
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

/** A certificate and its new key are two files. Between the two renames they do not match. */
function areSame({ fingerprints: one }: IdentityFiles, { fingerprints: other }: IdentityFiles): boolean {
  return (
    one.certificate === other.certificate &&
    one.intermediates === other.intermediates &&
    one.privateKey === other.privateKey
  );
}

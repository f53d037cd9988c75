/**
 * The use case, as far as a hit goes: files → keychain → token. What a miss needs is loaded on a miss.
 * Reads as the diagram in docs/architecture.md.
 */
import { cacheKeys } from "../cache/cache-key.ts";
import { readIdentityFiles, type IdentityFiles } from "../cache/identity-files.ts";
import type { GetTokenInput } from "./input.ts";
import { EksX509Error } from "../foundation/errors.ts";
import type { SignIn } from "./ports.ts";
import type { Credential } from "../exec/exec-credential.ts";

/** @throws EksX509Error */
export async function getToken(input: GetTokenInput, signIn: SignIn): Promise<Credential> {
  const files = await readIdentityFiles(input.files, signIn);
  try {
    return await tokenOf(files, input, signIn);
  } catch (error) {
    if (!(error instanceof EksX509Error) || error.category !== "identity") throw error;
    const renewed = await readIdentityFiles(input.files, signIn);
    if (sameFiles(files, renewed)) throw error;
    signIn.log("certificate", "renewed while it was read: once more");
    return tokenOf(renewed, input, signIn);
  }
}

async function tokenOf(files: IdentityFiles, input: GetTokenInput, ports: SignIn): Promise<Credential> {
  const keys = cacheKeys({ ...input, fingerprints: files.fingerprints });
  const cached = await ports.entries.read(keys.token);
  if (cached?.kind !== "token") {
    const { newToken } = await import("./new-token.ts");
    return newToken(input, files, keys, ports);
  }
  ports.log("token", `from the cache, until ${cached.expiration.toISOString()}`);
  const ledger = ports.entries.ledger?.();
  const given = ledger?.give({ account: keys.token, createdAt: cached.createdAt });
  if (!ledger || !given?.again) return { token: cached.token, expiration: cached.expiration };
  const { tokenInstead } = await import("./new-token.ts");
  return tokenInstead({ input, files, keys, had: cached, given, ledger }, ports);
}

/** A certificate and its new key are two files: between the two renames they do not fit each other. */
function sameFiles({ fingerprints: one }: IdentityFiles, { fingerprints: other }: IdentityFiles): boolean {
  return (
    one.certificate === other.certificate &&
    one.intermediates === other.intermediates &&
    one.privateKey === other.privateKey
  );
}

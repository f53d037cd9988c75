/**
 * The use case, as far as a hit goes: files → keychain → token. What a miss needs is loaded on a miss.
 * Reads as the diagram in docs/architecture.md.
 */
import type { Cache } from "../cache/cache.ts";
import { cacheKeys } from "../cache/cache-key.ts";
import { readIdentityFiles, type FilePorts, type IdentityFiles } from "../cache/identity-files.ts";
import type { SingleFlight } from "../cache/flight/single-flight.ts";
import type { GetTokenInput } from "./input.ts";
import { EksX509Error, type Hop } from "../foundation/errors.ts";
import type { Http } from "../http/client.ts";
import type { Credential } from "../exec/exec-credential.ts";

/** What a hop has to say under --verbose. */
export type Tell = (hop: Hop, line: string) => void;

export interface GetTokenPorts extends FilePorts {
  clock: () => Date;
  cache: Cache;
  tell: Tell;
  /** Loaded when they are needed. */
  singleFlight: () => Promise<SingleFlight>;
  http: () => Promise<Http>;
}

/** @throws EksX509Error */
export async function getToken(input: GetTokenInput, ports: GetTokenPorts): Promise<Credential> {
  const files = await readIdentityFiles(input.files, ports);
  try {
    return await tokenOf(files, input, ports);
  } catch (error) {
    if (!(error instanceof EksX509Error) || error.category !== "identity") throw error;
    const renewed = await readIdentityFiles(input.files, ports);
    if (sameFiles(files, renewed)) throw error;
    ports.tell("certificate", "renewed while it was read: once more");
    return tokenOf(renewed, input, ports);
  }
}

async function tokenOf(
  files: IdentityFiles,
  input: GetTokenInput,
  ports: GetTokenPorts,
): Promise<Credential> {
  const keys = cacheKeys({ ...input, fingerprints: files.fingerprints });
  const cached = await ports.cache.read(keys.token);
  if (cached?.kind !== "token") {
    const { newToken } = await import("./new-token.ts");
    return newToken(input, files, keys, ports);
  }
  ports.tell("token", `from the cache, until ${cached.expiration.toISOString()}`);
  const ledger = ports.cache.ledger?.();
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

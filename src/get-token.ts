/**
 * The use case, as far as a hit goes: files → keychain → token. What a miss needs is loaded on a miss.
 * Reads as the diagram in docs/architecture.md.
 */
import type { Cache } from "./cache/cache.ts";
import { cacheKeys } from "./cache/cache-key.ts";
import { readIdentityFiles, type FilePorts } from "./cache/identity-files.ts";
import type { SingleFlight } from "./cache/single-flight.ts";
import type { GetTokenInput } from "./cli/input.ts";
import type { Hop } from "./errors.ts";
import type { Http } from "./http/client.ts";
import type { Credential } from "./kubernetes/exec-credential.ts";

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
  const keys = cacheKeys({ ...input, fingerprints: files.fingerprints });
  const cached = await ports.cache.read(keys.token);
  if (cached?.kind === "token") {
    ports.tell("token", `from the cache, until ${cached.expiration.toISOString()}`);
    return { token: cached.token, expiration: cached.expiration };
  }
  const { newToken } = await import("./new-token.ts");
  return newToken(input, files, keys, ports);
}

/** The use case, from where the keychain has no token: a session, kept or new, and a token signed with it. */
import type { CacheKeys } from "./cache/cache-key.ts";
import type { IdentityFiles } from "./cache/identity-files.ts";
import type { GetTokenInput } from "./get-token-input.ts";
import { mintToken } from "./eks/token.ts";
import type { GetTokenPorts } from "./get-token.ts";
import type { Credential } from "./kubernetes/exec-credential.ts";
import { sessionFor } from "./session.ts";

/** Where another command needs a session alone: from here, so that the bundle keeps both in one file. */
export { sessionFor };

/**
 * @param files what the keys were made of
 * @throws EksX509Error
 */
export async function newToken(
  input: GetTokenInput,
  files: IdentityFiles,
  keys: CacheKeys,
  ports: GetTokenPorts,
): Promise<Credential> {
  const { session, label } = await sessionFor(input, files, keys.session, ports);
  const createdAt = ports.clock();
  const { text, host, expiration } = await mintToken(session, input.token, createdAt);
  ports.tell("token", `for ${host}, ${text.length} bytes, until ${expiration.toISOString()}`);
  const { clusterName, region } = input.token;
  await ports.cache.write(keys.token, {
    kind: "token",
    token: text,
    createdAt,
    expiration,
    label: { ...label, clusterName, region: region.name },
  });
  return { token: text, expiration };
}

/** The use case after a miss: a session, cached or new, and a token that it signs. */
import type { CacheKeys } from "../cache/cache-key.ts";
import type { SessionRecord, TokenRecord } from "../cache/record.ts";
import type { IssuedToken } from "../exec/exec-info.ts";
import { mintToken } from "../token/eks-token.ts";
import type { IdentityFiles } from "./identity-files.ts";
import type { GetTokenInput } from "./input.ts";
import type { SignIn } from "./ports.ts";
import { sessionFor } from "./session.ts";

export interface Request {
  input: GetTokenInput;
  files: IdentityFiles;
  keys: CacheKeys;
}

export async function newToken(request: Request, signIn: SignIn): Promise<IssuedToken> {
  const { input, files, keys } = request;
  const session = await sessionFor({ input, files, key: keys.session }, signIn);
  const { token, createdAt, expiration } = await signedToken(request, session, signIn.clock(), signIn);
  const ledger = signIn.entries.ledger?.();
  ledger?.sweep(createdAt);
  ledger?.give({ account: keys.token, createdAt });
  return { token, expiration };
}

/**
 * Signs a token and stores it.
 * @param createdAt becomes X-Amz-Date, in whole seconds
 */
export async function signedToken(
  { input: { token: parameters }, keys }: Request,
  { session, label }: SessionRecord,
  createdAt: Date,
  { entries, log, secrets }: SignIn,
): Promise<TokenRecord> {
  const { text, host, expiration } = await mintToken(session, parameters, createdAt);
  secrets.add(text);
  log("token", `for ${host}, ${text.length} bytes, until ${expiration.toISOString()}`);
  const { clusterName, region } = parameters;
  const record: TokenRecord = {
    kind: "token",
    token: text,
    createdAt,
    expiration,
    label: { ...label, clusterName, region: region.name },
  };
  await entries.write(keys.token, record);
  return record;
}

/** A token signed with a session, and stored. */
import type { SessionRecord, TokenRecord } from "../cache/record.ts";
import { mintToken } from "../token/eks-token.ts";
import type { GetTokenInput } from "./input.ts";
import type { SignIn } from "./ports.ts";

/**
 * @param account `token/<hash>`
 * @param createdAt becomes X-Amz-Date, in whole seconds
 * @throws EksX509Error
 */
export async function signedToken(
  { session, label }: SessionRecord,
  { token: parameters }: GetTokenInput,
  account: string,
  createdAt: Date,
  { entries, log }: SignIn,
): Promise<TokenRecord> {
  const { text, host, expiration } = await mintToken(session, parameters, createdAt);
  log("token", `for ${host}, ${text.length} bytes, until ${expiration.toISOString()}`);
  const { clusterName, region } = parameters;
  const record: TokenRecord = {
    kind: "token",
    token: text,
    createdAt,
    expiration,
    label: { ...label, clusterName, region: region.name },
  };
  await entries.write(account, record);
  return record;
}

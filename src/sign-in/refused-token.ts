/** The use case, where a client asks again for a token that is still good: src/cache/refusals/refusal.ts has the rule. */
import type { CacheKeys } from "../cache/cache-key.ts";
import type { IdentityFiles } from "../cache/identity-files.ts";
import type { Given } from "../cache/refusals/given.ts";
import type { Ledger } from "../cache/refusals/ledger.ts";
import type { SessionRecord, TokenRecord } from "../cache/record.ts";
import { cureFor, spans, type Cure } from "../cache/refusals/refusal.ts";
import { EksX509Error } from "../foundation/errors.ts";
import type { GetTokenInput } from "./input.ts";
import type { SignIn } from "./ports.ts";
import type { Credential } from "../exec/exec-credential.ts";
import { sessionFor } from "./session.ts";
import { signedToken } from "./signed-token.ts";

export interface AskedAgain {
  input: GetTokenInput;
  files: IdentityFiles;
  keys: CacheKeys;
  /** The token that the client has had. */
  had: TokenRecord;
  given: Given;
  ledger: Ledger;
}

/** It never fails for the sake of a hint: what the client has had is as good as it was. */
export async function tokenInstead(asked: AskedAgain, ports: SignIn): Promise<Credential> {
  const record = await cured(asked, ports).catch((error: unknown) => {
    if (!(error instanceof EksX509Error)) throw error;
    ports.log(error.hop, `${error.message} (${error.code}): the token stays as it is`);
    return asked.had;
  });
  return { token: record.token, expiration: record.expiration };
}

async function cured(asked: AskedAgain, ports: SignIn): Promise<TokenRecord> {
  const { had, given, keys, ledger } = asked;
  const now = ports.clock();
  const kept = await ports.entries.read(keys.session);
  const session = kept?.kind === "session" ? kept : undefined;
  const cure = cureFor({ substitute: given.substitute, session, now }, (what) =>
    ledger.claim(what === "new token" ? keys.token : keys.session, spans[what], now),
  );
  ports.log("token", `this client has it and asks again, so that the cluster may refuse it: ${words[cure]}`);
  if (cure === "none") return had;
  return substitute(asked, await sessionBy(cure, session, asked, ports), ports);
}

const words: Readonly<Record<Cure, string>> = {
  "new session": "a new session",
  "new token": "signed anew",
  none: "the same once more, since that was done only just now",
};

/** The one that is kept, where no other can be had. */
async function sessionBy(
  cure: Exclude<Cure, "none">,
  kept: SessionRecord | undefined,
  { input, files, keys }: AskedAgain,
  ports: SignIn,
): Promise<SessionRecord> {
  if (cure === "new token" && kept) return kept;
  try {
    return await sessionFor(input, files, keys.session, ports, kept);
  } catch (error) {
    if (!kept || !(error instanceof EksX509Error)) throw error;
    ports.log(error.hop, `${error.message} (${error.code}): the session stays as it is`);
    return kept;
  }
}

/** X-Amz-Date counts whole seconds: signed within the same one, it would be the same token. */
const signingGrain = 1_000;

async function substitute(
  { input, keys, had, ledger }: AskedAgain,
  session: SessionRecord,
  ports: SignIn,
): Promise<TokenRecord> {
  const createdAt = new Date(Math.max(ports.clock().getTime(), had.createdAt.getTime() + signingGrain));
  const record = await signedToken(session, input, keys.token, createdAt, ports);
  ledger.give({ account: keys.token, createdAt }, "substitute");
  return record;
}

/** The use case, where a client asks again for a token that is still good. src/cache/refusals/cure.ts has the rule. */
import { type Cure, cureFor, spans } from "../cache/refusals/cure.ts";
import type { Given, Ledger } from "../cache/refusals/ledger.ts";
import type { SessionRecord, TokenRecord } from "../cache/record.ts";
import type { IssuedToken } from "../exec/exec-info.ts";
import { EksX509Error } from "../foundation/errors.ts";
import { type Request, signedToken } from "./miss.ts";
import type { SignIn } from "./ports.ts";
import { sharedSession } from "./session.ts";

export interface RefusedToken extends Request {
  /** The token that the client has and requests again. */
  refused: TokenRecord;
  before: Given;
  ledger: Ledger;
}

/** A failure to create another token is logged, and the client gets the same token again. */
export async function tokenInstead(request: RefusedToken, signIn: SignIn): Promise<IssuedToken> {
  const { token, expiration } = await cured(request, signIn).catch((error: unknown) => {
    logFailure(error, "the token stays as it is", signIn);
    return request.refused;
  });
  return { token, expiration };
}

async function cured(request: RefusedToken, signIn: SignIn): Promise<TokenRecord> {
  const { refused, before, keys, ledger } = request;
  const now = signIn.clock();
  const found = await signIn.entries.read(keys.session);
  const session = found?.kind === "session" ? found : undefined;
  const cure = cureFor({ substitute: before.substitute, session, now }, (what) =>
    ledger.claim(what === "new token" ? keys.token : keys.session, spans[what], now),
  );
  signIn.log(
    "token",
    `the client has it and requests it again, so the cluster may refuse it: ${words[cure]}`,
  );
  if (cure === "none") return refused;
  return substitute(request, await sessionBy(cure, session, request, signIn), signIn);
}

const words: Readonly<Record<Cure, string>> = {
  "new session": "a new session",
  "new token": "signed again",
  none: "the same token, because another one was created a moment ago",
};

/** The cached session, if no new one can be created. */
async function sessionBy(
  cure: Exclude<Cure, "none">,
  kept: SessionRecord | undefined,
  { input, files, keys }: RefusedToken,
  signIn: SignIn,
): Promise<SessionRecord> {
  if (cure === "new token" && kept) return kept;
  try {
    return await sharedSession({ input, files, key: keys.session, refused: kept }, signIn);
  } catch (error) {
    if (!kept) throw error;
    logFailure(error, "the session stays as it is", signIn);
    return kept;
  }
}

function logFailure(error: unknown, consequence: string, { log }: SignIn): void {
  if (!(error instanceof EksX509Error)) throw error;
  log(error.hop, `${error.message} (${error.code}): ${consequence}`);
}

/** X-Amz-Date has whole seconds. A token that is signed in the same second would be the same. */
const signingGrain = 1_000;

async function substitute(
  request: RefusedToken,
  session: SessionRecord,
  signIn: SignIn,
): Promise<TokenRecord> {
  const { keys, refused, ledger } = request;
  const earliest = refused.createdAt.getTime() + signingGrain;
  const createdAt = new Date(Math.max(signIn.clock().getTime(), earliest));
  const record = await signedToken(request, session, createdAt, signIn);
  ledger.give({ account: keys.token, createdAt }, "substitute");
  return record;
}

/** The use case after a miss: a session, cached or new, and a token that it signs. */
import type { CacheKeys } from "../cache/cache-key.ts";
import { type SessionRecord, type TokenRecord, readRecord, writeRecord } from "../cache/record.ts";
import type { IssuedToken } from "../exec/exec-info.ts";
import { mintToken } from "../token/eks-token.ts";
import type { IdentityFiles } from "./identity-files.ts";
import type { GetTokenInput, SessionInput } from "./input.ts";
import type { SignIn } from "./ports.ts";
import { errorsOf } from "../foundation/errors.ts";
import type { Sha256 } from "../foundation/ports.ts";

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

export interface SessionRequest {
  input: SessionInput;
  files: IdentityFiles;
  /** `session/<hash>`, made of input and files. */
  key: string;
  /** A session that is not to be taken, even when it is kept. */
  refused?: SessionRecord | undefined;
}

export async function sessionFor(request: SessionRequest, signIn: SignIn): Promise<SessionRecord> {
  const record = (await kept(request, signIn)) ?? (await shared(request, signIn));
  const { credentials, assumedRoleArn, sourceIdentity, expiration } = record.session;
  signIn.secrets.add(credentials.secretAccessKey, credentials.sessionToken);
  const source = `source identity ${sourceIdentity || "none"}`;
  signIn.log("session", `${assumedRoleArn}, ${source}, until ${expiration.toISOString()}`);
  return record;
}

async function kept(
  { key, refused }: SessionRequest,
  { entries }: SignIn,
): Promise<SessionRecord | undefined> {
  const found = await entries.read(key);
  return found?.kind === "session" && !isSame(found, refused) ? found : undefined;
}

function isSame(one: SessionRecord, other: SessionRecord | undefined): boolean {
  return one.session.credentials.accessKeyId === other?.session.credentials.accessKeyId;
}

/** One process makes the session and stores it. Those that miss at the same time get it from that one. */
async function shared(request: SessionRequest, signIn: SignIn): Promise<SessionRecord> {
  const { key } = request;
  const { sha256, entries } = signIn;
  const { run } = await signIn.singleFlight();
  return run({
    key: key.slice("session/".length),
    work: async () => {
      const found = await kept(request, signIn);
      if (found) return found;
      const { newSession } = await import("./new-session.ts");
      const made = await newSession(request.input, request.files, signIn);
      await entries.write(key, made);
      return made;
    },
    write: (record) => writeRecord(key, record, sha256),
    read: (text) => handedOver(key, text, sha256),
  });
}

function handedOver(key: string, text: string, sha256: Sha256): SessionRecord {
  const record = readRecord(key, text, sha256);
  if (record?.kind === "session") return record;
  throw errorsOf("other", "session")(
    "SESSION_HANDOVER",
    "the session that another eks-x509 process handed over cannot be read",
    "Try again. If two versions of eks-x509 are installed, use one.",
  );
}

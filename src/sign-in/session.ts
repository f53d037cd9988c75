/** A session from the cache, or a new one, which one process makes for all that need it. */
import { sessionKey } from "../cache/cache-key.ts";
import { type SessionRecord, readRecord, writeRecord } from "../cache/record.ts";
import { errorsOf } from "../foundation/errors.ts";
import type { Sha256 } from "../foundation/ports.ts";
import type { IdentityFiles } from "./identity-files.ts";
import type { SessionInput } from "./input.ts";
import type { SignIn } from "./ports.ts";

export interface SessionRequest {
  input: SessionInput;
  files: IdentityFiles;
  /** `session/<hash>`, made of input and files. */
  key: string;
  /** A session that is not to be taken, even when it is kept. */
  refused?: SessionRecord | undefined;
  /** Which kept sessions are good enough; all that the cache serves if undefined. */
  isUseful?: IsUseful | undefined;
}

/** Whether a kept session lives long enough for its use. */
export type IsUseful = (session: SessionRecord, now: Date) => boolean;

export async function sessionFor(request: SessionRequest, signIn: SignIn): Promise<SessionRecord> {
  const found = await kept(request, signIn);
  return found ? noted(found, signIn) : sharedSession(request, signIn);
}

async function kept(
  { key, refused, isUseful = () => true }: SessionRequest,
  { entries, clock }: SignIn,
): Promise<SessionRecord | undefined> {
  const found = await entries.read(key);
  if (found?.kind !== "session" || isSame(found, refused)) return undefined;
  return isUseful(found, clock()) ? found : undefined;
}

function isSame(one: SessionRecord, other: SessionRecord | undefined): boolean {
  return one.session.credentials.accessKeyId === other?.session.credentials.accessKeyId;
}

/**
 * For a caller that has found no good session in the cache. One process makes the session and stores it. Those that miss at the same
 * time get it from that one.
 */
export async function sharedSession(request: SessionRequest, signIn: SignIn): Promise<SessionRecord> {
  const { key } = request;
  const { sha256, entries } = signIn;
  const { run } = await signIn.singleFlight();
  const record = await run({
    key: key.slice("session/".length),
    work: async () => {
      // Another process can have stored one since the caller read the cache.
      const found = await kept(request, signIn);
      if (found) return found;
      const record = await created(request, signIn);
      await entries.write(key, record);
      return record;
    },
    write: (record) => writeRecord(key, record, sha256),
    read: (text) => handedOver(key, text, sha256),
  });
  return noted(record, signIn);
}

function noted(record: SessionRecord, { secrets, log }: SignIn): SessionRecord {
  const { credentials, assumedRoleArn, sourceIdentity, expiration } = record.session;
  secrets.add(credentials.secretAccessKey, credentials.sessionToken);
  const source = `source identity ${sourceIdentity || "none"}`;
  log("session", `${assumedRoleArn}, ${source}, until ${expiration.toISOString()}`);
  return record;
}

async function created(request: SessionRequest, signIn: SignIn): Promise<SessionRecord> {
  const { record, seconds } = await made(request, signIn);
  return lastingAtMost(seconds, record, signIn.clock());
}

/** @returns with the seconds that were requested */
async function made(
  { input, files }: SessionRequest,
  signIn: SignIn,
): Promise<{ record: SessionRecord; seconds: number }> {
  const { second, ...first } = input;
  if (!second) {
    const { newSession } = await import("./new-session.ts");
    return newSession(input, files, signIn);
  }
  const { secondSession } = await import("./second-session.ts");
  const key = sessionKey({ ...first, fingerprints: files.fingerprints }, signIn.sha256);
  return secondSession(
    first,
    second,
    (refused) => sessionFor({ input: first, files, key, refused }, signIn),
    signIn,
  );
}

/**
 * The expiration is by the clock of AWS. A clock of this machine that is behind it would lengthen the session, so it lasts no longer
 * than requested.
 * @param now when it was received
 */
export function lastingAtMost(seconds: number, record: SessionRecord, now: Date): SessionRecord {
  const latest = new Date(now.getTime() + seconds * 1_000);
  if (record.expiration <= latest) return record;
  return { ...record, session: { ...record.session, expiration: latest }, expiration: latest };
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

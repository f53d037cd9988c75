/** A session, kept or new: every command that needs one shares it with all others. */
import type { IdentityFiles } from "../cache/identity-files.ts";
import { readRecord, writeRecord, type SessionRecord } from "../cache/record.ts";
import { EksX509Error } from "../foundation/errors.ts";
import type { SessionInput } from "./input.ts";
import type { HopLog } from "../foundation/ports.ts";
import type { SignIn } from "./ports.ts";
import type { Session } from "../rolesanywhere/session.ts";

/**
 * @param files what the key was made of
 * @param key `session/<hash>`
 * @param refused one that will not do, even if it is kept
 * @throws EksX509Error
 */
export async function sessionFor(
  input: SessionInput,
  files: IdentityFiles,
  key: string,
  ports: SignIn,
  refused?: SessionRecord,
): Promise<SessionRecord> {
  const kept = async (): Promise<SessionRecord | undefined> => {
    const found = await ports.entries.read(key);
    return found?.kind === "session" && !isSame(found, refused) ? found : undefined;
  };
  const record = (await kept()) ?? (await sharedSession(input, files, key, kept, ports));
  tellSession(record.session, ports.log);
  return record;
}

/** One process makes it and stores it; those that miss at the same time get it from that one. */
async function sharedSession(
  input: SessionInput,
  files: IdentityFiles,
  key: string,
  kept: () => Promise<SessionRecord | undefined>,
  ports: SignIn,
): Promise<SessionRecord> {
  const [{ run }, { newSession }] = await Promise.all([ports.singleFlight(), import("./new-session.ts")]);
  const text = await run(key.slice("session/".length), async () => {
    const found = await kept();
    const record = found ?? (await newSession(input, files, ports));
    if (!found) await ports.entries.write(key, record);
    return writeRecord(key, record);
  });
  const record = readRecord(key, text);
  if (record?.kind !== "session") throw handedOverWrongly();
  return record;
}

function isSame(one: SessionRecord, other: SessionRecord | undefined): boolean {
  return one.session.credentials.accessKeyId === other?.session.credentials.accessKeyId;
}

function tellSession({ assumedRoleArn, sourceIdentity, expiration }: Session, log: HopLog): void {
  const source = `source identity ${sourceIdentity || "none"}`;
  log("session", `${assumedRoleArn}, ${source}, until ${expiration.toISOString()}`);
}

function handedOverWrongly(): EksX509Error {
  return new EksX509Error({
    category: "other",
    hop: "session",
    code: "SESSION_HANDOVER",
    message: "the session that another eks-x509 process handed over cannot be read",
    hint: "Try again. If two versions of eks-x509 are installed, use one.",
  });
}

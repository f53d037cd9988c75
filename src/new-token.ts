/** The use case, from where the keychain has no token: a session, kept or new, and a token signed with it. */
import type { CacheKeys } from "./cache/cache-key.ts";
import { identityRole, type IdentityFiles } from "./cache/identity-files.ts";
import { readRecord, writeRecord, type SessionRecord } from "./cache/record.ts";
import type { GetTokenInput } from "./get-token-input.ts";
import { mintToken } from "./eks/token.ts";
import { EksX509Error } from "./errors.ts";
import type { FileContent } from "./files.ts";
import type { GetTokenPorts, Tell } from "./get-token.ts";
import { identityFrom, type Identity } from "./identity/identity.ts";
import type { Credential } from "./kubernetes/exec-credential.ts";
import { createSession } from "./rolesanywhere/create-session.ts";
import type { Session } from "./rolesanywhere/session.ts";

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
  const kept = await ports.cache.read(keys.session);
  const record = kept?.kind === "session" ? kept : await sharedSession(input, files, keys, ports);
  tellSession(record.session, ports.tell);
  const createdAt = ports.clock();
  const { text, host, expiration } = await mintToken(record.session, input.token, createdAt);
  ports.tell("token", `for ${host}, ${text.length} bytes, until ${expiration.toISOString()}`);
  const { clusterName, region } = input.token;
  const label = { ...record.label, clusterName, region: region.name };
  await ports.cache.write(keys.token, { kind: "token", token: text, createdAt, expiration, label });
  return { token: text, expiration };
}

/** One process makes it and stores it; those that miss at the same time get it from that one. */
async function sharedSession(
  input: GetTokenInput,
  files: IdentityFiles,
  keys: CacheKeys,
  ports: GetTokenPorts,
): Promise<SessionRecord> {
  const { run } = await ports.singleFlight();
  const text = await run(keys.session.slice("session/".length), async () => {
    const kept = await ports.cache.read(keys.session);
    const record = kept?.kind === "session" ? kept : await newSession(input, files, ports);
    if (record !== kept) await ports.cache.write(keys.session, record);
    return writeRecord(keys.session, record);
  });
  const record = readRecord(keys.session, text);
  if (record?.kind !== "session") throw handedOverWrongly();
  return record;
}

async function newSession(
  input: GetTokenInput,
  files: IdentityFiles,
  ports: GetTokenPorts,
): Promise<SessionRecord> {
  const identity = await loadIdentity(input, files, ports);
  const http = await ports.http();
  const createdAt = ports.clock();
  const session = await createSession(input.session, identity, input.endpoint, { http, clock: ports.clock });
  const label = {
    subject: identity.leaf.subject,
    roleArn: input.session.role.text,
    clusterName: "",
    region: input.session.trustAnchor.region.name,
  };
  return { kind: "session", session, createdAt, expiration: session.expiration, label };
}

async function loadIdentity(
  { files: { privateKey } }: GetTokenInput,
  files: IdentityFiles,
  { readFile, clock, tell }: GetTokenPorts,
): Promise<Identity> {
  const key = await readFile(privateKey.path, identityRole(privateKey, "private-key"));
  const identity = identityFrom({ ...files, privateKey: key }, clock());
  tellIdentity(identity, tell);
  warnOfReaders(key, tell);
  return identity;
}

function tellIdentity({ leaf, chain }: Identity, tell: Tell): void {
  const serial = `serial ${leaf.serial} (${leaf.serial.toString(16)})`;
  tell("certificate", `${leaf.subject}, ${serial}, until ${leaf.notAfter.toISOString()}`);
  for (const intermediate of chain) tell("certificate", `intermediate ${intermediate.subject}`);
}

/** POSIX permissions. */
function warnOfReaders({ name, mode }: FileContent, tell: Tell): void {
  if ((mode & 0o077) === 0) return;
  tell("private-key", `warning: others may read ${name} (mode ${mode.toString(8)}); run: chmod 600 ${name}`);
}

function tellSession({ assumedRoleArn, sourceIdentity, expiration }: Session, tell: Tell): void {
  const source = `source identity ${sourceIdentity || "none"}`;
  tell("session", `${assumedRoleArn}, ${source}, until ${expiration.toISOString()}`);
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

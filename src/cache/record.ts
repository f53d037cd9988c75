/**
 * The content of an entry as text: a checksum over its own name and content, a dot, and JSON. An entry that is truncated,
 * altered, of another version, or in the place of another entry fails the check and is a miss.
 */
import { isObject, parseJson } from "../foundation/json.ts";
import type { Sha256 } from "../foundation/ports.ts";
import type { Session } from "../rolesanywhere/session.ts";

/** For `cache list`: the owner and the purpose of the entry. Nothing secret. */
export interface Label {
  subject: string;
  roleArn: string;
  /** Empty for a session. */
  clusterName: string;
  region: string;
  /** Of a session: the end of the certificate that created it, RFC 3339. Earlier versions did not write it. */
  certificateEnd?: string;
}

interface CommonRecord {
  createdAt: Date;
  expiration: Date;
  label: Label;
}

export interface TokenRecord extends CommonRecord {
  kind: "token";
  token: string;
}

export interface SessionRecord extends CommonRecord {
  kind: "session";
  session: Session;
}

export type CacheRecord = TokenRecord | SessionRecord;

const formatVersion = 1;

/** @param account the entry's name, which the checksum covers */
export function writeRecord(account: string, record: CacheRecord, sha256: Sha256): string {
  const payload = JSON.stringify({
    v: formatVersion,
    ...record,
    // Not as text, because V8 would look up the machine's time zone to parse it.
    createdAt: record.createdAt.getTime(),
    expiration: record.expiration.getTime(),
  });
  return `${sha256(checked(account, payload))}.${payload}`;
}

/** Undefined for a text that this version did not write under this name. */
export function readRecord(account: string, text: string, sha256: Sha256): CacheRecord | undefined {
  const payload = text.slice(65);
  if (text[64] !== "." || text.slice(0, 64) !== sha256(checked(account, payload))) return undefined;
  const json = parseJson(payload);
  if (!isObject(json) || json["v"] !== formatVersion) return undefined;
  const common = commonOf(json);
  if (!common) return undefined;
  if (json["kind"] === "token" && typeof json["token"] === "string")
    return { kind: "token", token: json["token"], ...common };
  const session = json["kind"] === "session" ? sessionOf(json["session"], common.expiration) : undefined;
  return session && { kind: "session", session, ...common };
}

function checked(account: string, payload: string): string {
  return `${account}\n${payload}`;
}

function commonOf({ createdAt, expiration, label }: Record<string, unknown>): CommonRecord | undefined {
  const [created, end] = [dateOf(createdAt), dateOf(expiration)];
  if (!created || !end || !hasTexts(label, "subject", "roleArn", "clusterName", "region")) return undefined;
  return { createdAt: created, expiration: end, label };
}

function sessionOf(json: unknown, expiration: Date): Session | undefined {
  if (!hasTexts(json, "assumedRoleArn", "sourceIdentity") || !("credentials" in json)) return undefined;
  const { credentials, assumedRoleArn, sourceIdentity } = json;
  if (!hasTexts(credentials, "accessKeyId", "secretAccessKey", "sessionToken")) return undefined;
  return { credentials, expiration, assumedRoleArn, sourceIdentity };
}

function hasTexts<Name extends string>(json: unknown, ...names: Name[]): json is Record<Name, string> {
  return isObject(json) && names.every((name) => typeof json[name] === "string");
}

function dateOf(value: unknown): Date | undefined {
  const date = new Date(typeof value === "number" ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

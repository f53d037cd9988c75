/** The content of the cache for people: role, cluster and expiry of each entry. No secret leaves this file. */
import { keychainService } from "./cache.ts";
import { staleness } from "./freshness.ts";
import type { Sha256 } from "../foundation/ports.ts";
import type { Keychain } from "./keychain/keychain.ts";
import { readRecord, type CacheRecord, type Label } from "./record.ts";

export interface Entry extends Label {
  account: string;
  kind: CacheRecord["kind"] | "unknown";
  /** Undefined if the entry cannot be read. */
  validUntil: Date | undefined;
  /** Empty if the entry would be served. */
  staleness: string;
}

/** Tokens first, then sessions, then entries that this version cannot read. */
export async function listEntries(keychain: Keychain, now: Date, sha256: Sha256): Promise<Entry[]> {
  const credentials = await keychain.findCredentials(keychainService);
  const order = ["token", "session", "unknown"];
  return credentials
    .map(({ account, password }) => entryOf(account, readRecord(account, password, sha256), now))
    .sort(
      (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || a.clusterName.localeCompare(b.clusterName),
    );
}

function entryOf(account: string, record: CacheRecord | undefined, now: Date): Entry {
  if (!record) {
    const nobody = { subject: "", roleArn: "", clusterName: "", region: "" };
    return { account, kind: "unknown", ...nobody, validUntil: undefined, staleness: "it cannot be read" };
  }
  const { kind, label, expiration } = record;
  return { account, kind, ...label, validUntil: expiration, staleness: staleness(record, now) ?? "" };
}

export async function clearEntries(keychain: Keychain): Promise<number> {
  const credentials = await keychain.findCredentials(keychainService);
  const deleted = await Promise.all(
    credentials.map(({ account }) => keychain.deletePassword(keychainService, account)),
  );
  return deleted.filter(Boolean).length;
}

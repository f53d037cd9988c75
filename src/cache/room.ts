/**
 * Room in a keychain that is full. The kernel grants a user 20,000 bytes, a handful of entries
 * (/proc/sys/kernel/keys/maxbytes), and drops none by itself.
 */
import type { Credential } from "./keychain/keychain.ts";
import { staleness } from "./freshness.ts";
import { readRecord } from "./record.ts";

/**
 * Entries to give up, cheapest first: what would not be served any more, then the tokens that end soonest. Sessions that are still
 * good stay: a token costs a signature, a session a call to AWS.
 * @param account the entry to make room for
 */
export function victims(credentials: readonly Credential[], account: string, now: Date): string[] {
  return credentials
    .filter((credential) => credential.account !== account)
    .flatMap(({ account: name, password }) => {
      const record = readRecord(name, password);
      if (!record || staleness(record, now) !== undefined) return [{ name, end: 0 }];
      return record.kind === "token" ? [{ name, end: record.expiration.getTime() }] : [];
    })
    .sort((a, b) => a.end - b.end)
    .map(({ name }) => name);
}

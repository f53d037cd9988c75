/** The cache as the use case sees it: entries that are whole and fresh, or nothing. It never fails. */
import type { Clock, Log, Sha256 } from "../foundation/ports.ts";
import type { InTurn, SingleFlight } from "./flight/single-flight.ts";
import { staleness } from "./freshness.ts";
import { KeychainError, type Credential, type Keychain } from "./keychain/keychain.ts";
import type { KeychainMode } from "./keychain/mode.ts";
import { readRecord, writeRecord, type CacheRecord } from "./record.ts";
import type { Ledger } from "./refusals/ledger.ts";

export const keychainService = "eks-x509";

export interface Cache {
  /** Undefined for a miss, whose reason is logged. */
  read: (account: string) => Promise<CacheRecord | undefined>;
  /** Resolves when the entry is stored, or when that has failed, which is logged. */
  write: (account: string, record: CacheRecord) => Promise<void>;
  /** Undefined if clients cannot be distinguished. A cache that keeps nothing gives nothing twice. */
  ledger?: () => Ledger | undefined;
}

/** What the composition root opens for a mode of --cache. Nothing is opened before its first call. */
export interface Caches {
  keychain: (mode: KeychainMode, log: Log) => Keychain;
  entries: (mode: KeychainMode, log: Log) => Cache;
  singleFlight: (mode: KeychainMode, log: Log) => Promise<SingleFlight & { inTurn: InTurn }>;
}

export interface CachePorts {
  keychain: Keychain;
  clock: Clock;
  log: Log;
  sha256: Sha256;
}

/** `--cache none`: nothing is read, and nothing stored. */
export const noCache: Cache = {
  read: () => Promise.resolve(undefined),
  write: () => Promise.resolve(),
};

export function cacheOn(ports: CachePorts): Cache {
  const { keychain, clock, log, sha256 } = ports;
  const read = async (account: string): Promise<CacheRecord | string> => {
    const text = await keychain.getPassword(keychainService, account);
    if (text === undefined) return "there is no entry";
    const record = readRecord(account, text, sha256);
    return record ? (staleness(record, clock()) ?? record) : "the entry is damaged, or of another version";
  };
  // A session is read twice: before the wait for other processes, and after it.
  const logged = new Set<string>();
  return {
    read: async (account) => {
      const found = await read(account).catch(reasonOf);
      if (typeof found !== "string") return found;
      const line = `${account.slice(0, 16)}… missed: ${found}`;
      if (!logged.has(line)) log(line);
      logged.add(line);
      return undefined;
    },
    write: async (account, record) => {
      const text = writeRecord(account, record, sha256);
      const failure = await store(account, text, ports).catch(reasonOf);
      if (failure !== undefined) log(`${account.slice(0, 16)}… was not stored: ${failure}`);
    },
  };
}

async function store(account: string, text: string, ports: CachePorts): Promise<void> {
  const { keychain } = ports;
  if (await fits(keychain, account, text)) return;
  for (const victim of victims(await keychain.findCredentials(keychainService), account, ports)) {
    await keychain.deletePassword(keychainService, victim);
    if (await fits(keychain, account, text)) return;
  }
  throw new KeychainError("full", "the keychain is full of sessions that are still good");
}

async function fits(keychain: Keychain, account: string, text: string): Promise<boolean> {
  try {
    await keychain.setPassword(keychainService, account, text);
    return true;
  } catch (error) {
    if (error instanceof KeychainError && error.reason === "full") return false;
    throw error;
  }
}

/**
 * Entries to remove from a full keychain, cheapest first: entries that would not be served any more, then the tokens that end soonest.
 * Sessions that are still good stay: a token costs a signature, and a session a call to AWS. The kernel grants a user 20,000 bytes,
 * a handful of entries (/proc/sys/kernel/keys/maxbytes), and removes none by itself.
 * @param account the entry that needs the space
 */
function victims(
  credentials: readonly Credential[],
  account: string,
  { clock, sha256 }: CachePorts,
): string[] {
  const now = clock();
  return credentials
    .filter((credential) => credential.account !== account)
    .flatMap(({ account: name, password }) => {
      const record = readRecord(name, password, sha256);
      if (!record || staleness(record, now) !== undefined) return [{ name, end: 0 }];
      return record.kind === "token" ? [{ name, end: record.expiration.getTime() }] : [];
    })
    .sort((a, b) => a.end - b.end)
    .map(({ name }) => name);
}

/** A keychain's error has a reason of a fixed set, and never a value. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown error";
}

/** The cache as the use case sees it: entries that are whole and fresh, or nothing. It never fails. */
import { KeychainError, type Keychain } from "./keychain/keychain.ts";
import { staleness } from "./freshness.ts";
import type { Ledger } from "./refusals/ledger.ts";
import { readRecord, writeRecord, type CacheRecord } from "./record.ts";
import { victims } from "./room.ts";

export const keychainService = "eks-x509";

export interface Cache {
  /** Undefined for a miss; why, is told. */
  read: (account: string) => Promise<CacheRecord | undefined>;
  /** Resolves when the entry is stored, or when it could not be, which is told. */
  write: (account: string, record: CacheRecord) => Promise<void>;
  /** Where it can be told which client asks; a cache that keeps nothing gives nothing twice. */
  ledger?: () => Ledger | undefined;
}

export interface CachePorts {
  keychain: Keychain;
  clock: () => Date;
  /** For --verbose. */
  tell: (line: string) => void;
}

/** `--cache none`: nothing is looked for, and nothing stored. */
export const noCache: Cache = {
  read: () => Promise.resolve(undefined),
  write: () => Promise.resolve(),
};

export function cacheOn({ keychain, clock, tell }: CachePorts): Cache {
  const read = async (account: string): Promise<CacheRecord | string> => {
    const text = await keychain.getPassword(keychainService, account);
    if (text === undefined) return "there is no entry";
    const record = readRecord(account, text);
    return record ? (staleness(record, clock()) ?? record) : "the entry is damaged, or of another version";
  };
  // A session is looked for twice: before waiting for others, and after.
  const told = new Set<string>();
  return {
    read: async (account) => {
      const found = await read(account).catch(reasonOf);
      if (typeof found !== "string") return found;
      const line = `${account.slice(0, 16)}… missed: ${found}`;
      if (!told.has(line)) tell(line);
      told.add(line);
      return undefined;
    },
    write: async (account, record) => {
      const text = writeRecord(account, record);
      const failure = await store(keychain, account, text, clock()).catch(reasonOf);
      if (failure !== undefined) tell(`${account.slice(0, 16)}… was not stored: ${failure}`);
    },
  };
}

/** @throws KeychainError */
async function store(keychain: Keychain, account: string, text: string, now: Date): Promise<void> {
  if (await fits(keychain, account, text)) return;
  for (const victim of victims(await keychain.findCredentials(keychainService), account, now)) {
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

/** A keychain's error tells a reason of a fixed set, and never a value. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown error";
}

/** Which keys of the kernel are entries of a service. Loaded when entries are listed or deleted. */
import { keychainFailure, type Credential, type Keychain } from "./keychain.ts";
import { spareMark, withoutSpares } from "./spare-entry.ts";

/** A row of /proc/keys: a key or keyring that this process may see, in the columns of proc(5). */
export interface KernelKey {
  readonly uid: number;
  readonly type: string;
  readonly description: string;
}

/** The accounts of a service, in linux-keyutils-keyring-store's names of keys. */
export function accountsOf(keys: readonly KernelKey[], uid: number, service: string): string[] {
  const accounts = keys
    .filter((key) => key.type === "user" && key.uid === uid)
    .filter(({ description }) => description.startsWith("keyring:") && description.endsWith(`@${service}`))
    .map(({ description }) => description.slice("keyring:".length, -`@${service}`.length));
  return [...new Set(accounts)];
}

export interface Searched {
  uid: number;
  service: string;
  probe: string;
  keychain: Pick<Keychain, "getPassword">;
}

export async function credentialsOf(
  keys: readonly KernelKey[],
  { uid, service, probe, keychain }: Searched,
): Promise<Credential[]> {
  const found: Credential[] = [];
  for (const account of withoutSpares(accountsOf(keys, uid, service))) {
    if (account === probe || account === probe + spareMark) continue;
    const password = await keychain.getPassword(service, account);
    // A key of another login of this user is visible but not readable.
    if (password !== undefined) found.push({ account, password });
  }
  return found;
}

interface Deletable {
  deletePassword: () => boolean;
}

/** An entry and the one that stands in for it. @param entry by the mark in its name */
export function deleteKeys(entry: (mark: string) => Deletable): boolean {
  return ["", spareMark].map((mark) => deleteEach(entry(mark))).includes(true);
}

/** Several logins can store the same key. The key of this session hides the one in the persistent keyring. */
function deleteEach(entry: Deletable): boolean {
  let deleted = 0;
  while (deleted < 8 && isDeleted(entry)) deleted += 1;
  return deleted > 0;
}

/** False also for an entry that is denied. */
function isDeleted(entry: Deletable): boolean {
  try {
    return entry.deletePassword();
  } catch (error) {
    if (keychainFailure("", error).reason === "refused") return false;
    throw error;
  }
}

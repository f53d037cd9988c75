/**
 * An entry that this process can neither read nor replace: SELinux can deny a program the keys of another, and keyctl-setperm(1) can deny
 * them to all. The native code can only add, read and invalidate a key, so another entry stands in for that one.
 */
import { KeychainError } from "./keychain.ts";

interface Probe {
  getPassword: () => string | null;
  setPassword: (password: string) => void;
}

export const spareMark = "~";

/**
 * @param probe the entry that shows whether the keyring can be read, with a mark in its name
 * @param call the call that failed, for the entry with a mark in its name
 * @throws KeychainError the given one, unless the keyring denies that entry alone
 */
export async function withSpare<Result>(
  error: unknown,
  probe: (mark: string) => Probe,
  call: (mark: string) => Promise<Result>,
): Promise<Result> {
  const isDenied = error instanceof KeychainError && error.reason === "refused";
  if (!isDenied || !canBeReadBack(() => probe(spareMark))) throw error;
  return call(spareMark);
}

function canBeReadBack(probe: () => Probe): boolean {
  try {
    const entry = probe();
    if (entry.getPassword() === null) entry.setPassword("1");
    return entry.getPassword() !== null;
  } catch {
    return false;
  }
}

/** Without the entries that stand in for another one of the list. */
export function withoutSpares(accounts: readonly string[]): string[] {
  return accounts.filter(
    (account) => !account.endsWith(spareMark) || !accounts.includes(account.slice(0, -spareMark.length)),
  );
}

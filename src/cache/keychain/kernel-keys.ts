/** Which keys of the kernel are entries of a service. Loaded when entries are listed. */

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

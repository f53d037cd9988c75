/** /proc/keys: the keys and keyrings that this process can see, in the columns of proc(5). Pure. */

export interface KernelKey {
  readonly uid: number;
  readonly type: string;
  readonly description: string;
}

/** One line: serial, flags, references, timeout, permissions, uid, gid, type, description, `:` and a summary. */
const line = /^[\da-f]+ ([-\w]+) +\d+ +\S+ [\da-f]+ +(\d+) +\d+ (\S+) +(.*)$/;

export function kernelKeys(text: string): KernelKey[] {
  return text.split("\n").flatMap((row) => {
    const [, flags, uid, type, rest] = line.exec(row) ?? [];
    if (uid === undefined || type === undefined || rest === undefined) return [];
    // Deleted, but not yet removed.
    if (flags?.includes("i")) return [];
    return [{ uid: Number(uid), type, description: rest.replace(/: [^:]*$/, "") }];
  });
}

/**
 * A keyring of another user. Only a process that possesses it sees it, such as one started by cron, or by su or sudo
 * without pam_keyinit. Another user could read and write its keys. The kernel's own keyrings begin with a dot.
 */
export function foreignKeyring(keys: readonly KernelKey[], uid: number): KernelKey | undefined {
  return keys.find((key) => key.type === "keyring" && key.uid !== uid && !key.description.startsWith("."));
}

/** The accounts of a service, in linux-keyutils-keyring-store's names of keys. */
export function accountsOf(keys: readonly KernelKey[], uid: number, service: string): string[] {
  const accounts = keys
    .filter((key) => key.type === "user" && key.uid === uid)
    .filter(({ description }) => description.startsWith("keyring:") && description.endsWith(`@${service}`))
    .map(({ description }) => description.slice("keyring:".length, -`@${service}`.length));
  return [...new Set(accounts)];
}

/** /proc/keys: the keys and keyrings that this process may see, in proc(5)'s columns. Pure. */

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
    // Deleted, and not yet swept away.
    if (flags?.includes("i")) return [];
    return [{ uid: Number(uid), type, description: rest.replace(/: [^:]*$/, "") }];
  });
}

/**
 * A keyring of another user: seen only by a process that possesses it, such as one started by cron, or by su or sudo without
 * pam_keyinit. What is put there, others read; what is found there, others may have put. The kernel's own begin with a dot.
 */
export function foreignKeyring(keys: readonly KernelKey[], uid: number): KernelKey | undefined {
  return keys.find((key) => key.type === "keyring" && key.uid !== uid && !key.description.startsWith("."));
}

/** The accounts of a service, as linux-keyutils-keyring-store names its keys. */
export function accountsOf(keys: readonly KernelKey[], uid: number, service: string): string[] {
  const accounts = keys
    .filter((key) => key.type === "user" && key.uid === uid)
    .filter(({ description }) => description.startsWith("keyring:") && description.endsWith(`@${service}`))
    .map(({ description }) => description.slice("keyring:".length, -`@${service}`.length));
  return [...new Set(accounts)];
}

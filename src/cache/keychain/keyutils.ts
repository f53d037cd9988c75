/**
 * The Linux kernel keyring. linux-keyutils-keyring-store adds a key of type "user" to the session keyring and links it into
 * the user's persistent keyring, if the kernel supports it. Every login of the user finds it. It is removed at reboot, or
 * after three days without use. Calls take microseconds and cannot hang, so they are synchronous.
 */
import { readFileSync } from "node:fs";
import type { Binding } from "./native/binding.ts";
import { type Credential, type Keychain, KeychainError, keychainFailure } from "./keychain.ts";

const name = "the kernel keyring";
/** Tests whether keys can be read back. It contains no secret. */
const probe = "probe";

/** Empty for a value that is not text. Such an entry exists and can be overwritten or deleted. */
function passwordOf(entry: Pick<Entry, "getPassword">): string | null {
  try {
    return entry.getPassword();
  } catch (error) {
    if (error instanceof Error && error.message.includes("UTF-8")) return "";
    throw error;
  }
}

export interface KeyutilsPorts {
  readonly binding: Pick<Binding, "Entry">;
  readonly uid: number;
  readonly procKeys?: () => string;
}

export class KeyutilsKeychain implements Keychain {
  readonly #binding: Pick<Binding, "Entry">;
  readonly #uid: number;
  readonly #procKeys: () => string;

  /** @throws KeychainError refused */
  constructor({ binding, uid, procKeys = () => readFileSync("/proc/keys", "utf8") }: KeyutilsPorts) {
    this.#binding = binding;
    this.#uid = uid;
    this.#procKeys = procKeys;
    const visible = this.#visible();
    this.#refuseUnsafe(visible.length > 0 ? visible : this.#created());
    this.#joinSession();
  }

  /** The kernel creates a user's keyrings at their first use. Until then, /proc/keys is as empty as in a container. */
  #created(): readonly KernelKey[] {
    try {
      this.#joinSession();
    } catch {
      // Then /proc/keys stays empty, and is judged so.
    }
    return this.#visible();
  }

  getPassword(service: string, account: string): Promise<string | undefined> {
    return this.#try(service, account, (entry) => {
      const password = passwordOf(entry);
      if (password === null) this.#entry(service, probe).getPassword();
      return password ?? undefined;
    });
  }

  setPassword(service: string, account: string, password: string): Promise<void> {
    const write = (entry: Entry): void => {
      this.#proveReadable(service);
      entry.setPassword(password);
    };
    return this.#try(service, account, write, password);
  }

  /** Several logins can store the same key. The key of this session hides the one in the persistent keyring. */
  deletePassword(service: string, account: string): Promise<boolean> {
    return this.#try(service, account, (entry) => {
      let deleted = 0;
      while (deleted < 8 && entry.deletePassword()) deleted += 1;
      return deleted > 0;
    });
  }

  /** The binding cannot list keys. The kernel can, and an index of our own could be wrong. */
  findCredentials(service: string): Promise<readonly Credential[]> {
    return this.#try(service, probe, () =>
      accountsOf(this.#visible(), this.#uid, service)
        .filter((account) => account !== probe)
        .flatMap((account) => {
          const password = passwordOf(this.#entry(service, account));
          // A key of another login of this user is visible but not readable.
          return password === null ? [] : [{ account, password }];
        }),
    );
  }

  /**
   * The kernel gives a process without a session keyring, such as those of cron and containers, the user's default one.
   * There it can write keys that it can neither read nor delete (EACCES). An entry for the persistent keyring creates a
   * session keyring for the process, which is too late for the process itself but serves later processes.
   */
  #joinSession(): void {
    this.#entry("eks-x509", probe);
  }

  /**
   * A kernel without persistent keyrings leaves a process with the default one. A key without content detects this. It
   * stays, so that reads detect it too.
   */
  #proveReadable(service: string): void {
    const entry = this.#entry(service, probe);
    if (entry.getPassword() === null) entry.setPassword("1");
  }

  #entry(service: string, account: string): Entry {
    return new this.#binding.Entry(service, account, { linux: { store: "keyutils" } });
  }

  #try<Result>(
    service: string,
    account: string,
    call: (entry: Entry) => Result,
    secret?: string,
  ): Promise<Result> {
    try {
      return Promise.resolve(call(this.#entry(service, account)));
    } catch (error) {
      return Promise.reject(keychainFailure(name, error, secret));
    }
  }

  #refuseUnsafe(keys: readonly KernelKey[]): void {
    if (keys.length === 0)
      throw new KeychainError(
        "refused",
        "/proc/keys is empty: a container, which may share its keys with others",
      );
    const foreign = foreignKeyring(keys, this.#uid);
    if (foreign)
      throw new KeychainError("refused", `${name} of this session is shared with user ${foreign.uid}`);
  }

  #visible(): readonly KernelKey[] {
    try {
      return kernelKeys(this.#procKeys());
    } catch {
      throw new KeychainError("absent", "/proc/keys cannot be read: no kernel keyring");
    }
  }
}

type Entry = InstanceType<Binding["Entry"]>;

/** A row of /proc/keys: a key or keyring that this process may see, in the columns of proc(5). */
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

/**
 * The Linux kernel keyring. linux-keyutils-keyring-store puts a key of type "user" into the session keyring and links it into the
 * user's persistent keyring, where the kernel has those: found by every login of the same user, gone at reboot, or after three days
 * without use. Calls take microseconds and cannot hang, so they are made synchronously.
 */
import { readFileSync } from "node:fs";
import type { Binding } from "./native/binding.ts";
import { KeychainError, type Credential, type Keychain } from "./keychain.ts";
import { nativeFailure } from "./native/native-failure.ts";
import { accountsOf, foreignKeyring, kernelKeys, type KernelKey } from "./proc-keys.ts";

const name = "the kernel keyring";
/** Tells whether keys can be read back; without a secret in it. */
const probe = "probe";

/** Empty for one that is not text: it is there, and is to be overwritten or deleted like any that somebody has spoilt. */
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
    this.#keys();
    this.#joinSession();
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

  /** A key may have been stored by several logins: the one in this session hides the one in the persistent keyring. */
  deletePassword(service: string, account: string): Promise<boolean> {
    return this.#try(service, account, (entry) => {
      let deleted = 0;
      while (deleted < 8 && entry.deletePassword()) deleted += 1;
      return deleted > 0;
    });
  }

  /** The binding cannot list the kernel's keys, the kernel can; an index of our own could only be wrong. */
  findCredentials(service: string): Promise<readonly Credential[]> {
    return this.#try(service, probe, () =>
      accountsOf(this.#keys(), this.#uid, service)
        .filter((account) => account !== probe)
        .flatMap((account) => this.#credential(service, account)),
    );
  }

  /** None for a key of another login of this user: seen, but out of reach. */
  #credential(service: string, account: string): Credential[] {
    const password = passwordOf(this.#entry(service, account));
    return password === null ? [] : [{ account, password }];
  }

  /**
   * To a process without a session keyring, as cron and containers start them, the kernel shows the user's default one, where it may
   * write what it may then neither read nor delete (EACCES). An entry that asks for the persistent keyring gets the process a session
   * keyring of its own, though too late for itself: those after it find the persistent keyring through it.
   */
  #joinSession(): void {
    try {
      this.#entry("eks-x509", probe);
    } catch (error) {
      throw nativeFailure(name, error);
    }
  }

  /**
   * A kernel without persistent keyrings leaves a process with the default one. It shall find that out with a key that is not worth
   * reading; which stays, so that reads know, too.
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
      return Promise.reject(nativeFailure(name, error, secret));
    }
  }

  #keys(): readonly KernelKey[] {
    const keys = kernelKeys(this.#read());
    if (keys.length === 0)
      throw new KeychainError(
        "refused",
        "/proc/keys is empty: a container, which may share its keys with others",
      );
    const foreign = foreignKeyring(keys, this.#uid);
    if (foreign)
      throw new KeychainError("refused", `${name} of this session is shared with user ${foreign.uid}`);
    return keys;
  }

  #read(): string {
    try {
      return this.#procKeys();
    } catch {
      throw new KeychainError("absent", "/proc/keys cannot be read: no kernel keyring");
    }
  }
}

type Entry = InstanceType<Binding["Entry"]>;

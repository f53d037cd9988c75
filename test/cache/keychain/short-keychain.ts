/** An in-memory stand-in for Windows Credential Manager. */
import { KeychainError, type Credential, type Keychain } from "../../../src/cache/keychain/keychain.ts";

/** Windows': short values only, by bytes of UTF-16; every call takes a turn of the event loop, so that callers interleave. */
export class ShortKeychain implements Keychain {
  readonly entries = new Map<string, string>();
  /** Calls that still succeed; then the program is dead. */
  lives = Infinity;
  reads = 0;

  async #turn(): Promise<void> {
    await Promise.resolve();
    this.lives -= 1;
    if (this.lives < 0) throw new KeychainError("broken", "dead");
  }

  async getPassword(_: string, account: string): Promise<string | undefined> {
    await this.#turn();
    this.reads += 1;
    return this.entries.get(account);
  }

  async setPassword(_: string, account: string, password: string): Promise<void> {
    await this.#turn();
    if (Buffer.byteLength(password, "utf16le") > 2560) throw new KeychainError("full", "too long");
    // As Rust does with halves of surrogate pairs.
    this.entries.set(account, wellFormed(password));
  }

  async deletePassword(_: string, account: string): Promise<boolean> {
    await this.#turn();
    return this.entries.delete(account);
  }

  async findCredentials(): Promise<readonly Credential[]> {
    await this.#turn();
    return [...this.entries].map(([account, password]) => ({ account, password }));
  }
}

/** With U+FFFD for each half of a surrogate pair. */
export function wellFormed(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}

/** In the place of src/cache/keychain/native/binding.ts: the host has the same code for the kernel keyring as @napi-rs/keyring. */
import { host } from "./host.ts";

class Entry {
  readonly #service: string;
  readonly #account: string;

  constructor(service: string, account: string) {
    host.joinKeyring();
    this.#service = service;
    this.#account = account;
  }

  getPassword(): string | null {
    return host.readKey(this.#service, this.#account);
  }

  setPassword(password: string): void {
    host.writeKey(this.#service, this.#account, password);
  }

  deletePassword(): boolean {
    return host.deleteKey(this.#service, this.#account);
  }
}

export function loadBinding(): { Entry: typeof Entry } {
  return { Entry };
}

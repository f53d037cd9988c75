/** A keychain in memory: what is in it can be seen and spoilt, and any of its calls can be made to fail. */
import type { Credential, Keychain } from "../../src/cache/keychain/keychain.ts";

export class MemoryKeychain implements Keychain {
  readonly entries = new Map<string, string>();
  /** Thrown by every call, once it is set. */
  failure: Error | undefined;
  /** How many characters it holds; none is lost when a value does not fit. */
  capacity = Infinity;
  /** What setPassword fails with when it is full. */
  fullness: Error | undefined;
  reads: string[] = [];

  getPassword(service: string, account: string): Promise<string | undefined> {
    this.reads.push(account);
    return this.#answer(() => this.entries.get(`${service} ${account}`));
  }

  setPassword(service: string, account: string, password: string): Promise<void> {
    return this.#answer(() => {
      const others = [...this.entries].filter(([name]) => name !== `${service} ${account}`);
      const used = others.reduce((sum, [, text]) => sum + text.length, 0);
      if (this.fullness && used + password.length > this.capacity) throw this.fullness;
      this.entries.set(`${service} ${account}`, password);
    });
  }

  deletePassword(service: string, account: string): Promise<boolean> {
    return this.#answer(() => this.entries.delete(`${service} ${account}`));
  }

  findCredentials(service: string): Promise<readonly Credential[]> {
    return this.#answer(() =>
      [...this.entries]
        .filter(([name]) => name.startsWith(`${service} `))
        .map(([name, password]) => ({ account: name.slice(service.length + 1), password })),
    );
  }

  /** The entries of this program's, by account. */
  get own(): ReadonlyMap<string, string> {
    return new Map([...this.entries].map(([name, text]) => [name.replace(/^eks-x509 /, ""), text]));
  }

  #answer<Answer>(answer: () => Answer): Promise<Answer> {
    return new Promise((resolve) => {
      if (this.failure) throw this.failure;
      resolve(answer());
    });
  }
}

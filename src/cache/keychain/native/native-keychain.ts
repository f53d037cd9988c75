/**
 * macOS Keychain and Windows Credential Manager through @napi-rs/keyring, on libuv's threads. A call that timed out keeps
 * its thread, and Node waits for its threads even in process.exit(). On macOS, a dialog therefore blocks the program.
 */
import type { Binding } from "./binding.ts";
import type { Credential, Keychain } from "../keychain.ts";
import { nativeFailure } from "./native-failure.ts";
import type { TimeLimit } from "../time-limit.ts";

export class NativeKeychain implements Keychain {
  readonly #binding: Pick<Binding, "AsyncEntry" | "findCredentialsAsync">;
  readonly #name: string;
  readonly #limit: TimeLimit;

  constructor(binding: Pick<Binding, "AsyncEntry" | "findCredentialsAsync">, name: string, limit: TimeLimit) {
    this.#binding = binding;
    this.#name = name;
    this.#limit = limit;
  }

  async getPassword(service: string, account: string): Promise<string | undefined> {
    const password = await this.#try((signal) => this.#entry(service, account).getPassword(signal));
    return password ?? undefined;
  }

  async setPassword(service: string, account: string, password: string): Promise<void> {
    await this.#try((signal) => this.#entry(service, account).setPassword(password, signal), password);
  }

  async deletePassword(service: string, account: string): Promise<boolean> {
    return this.#try((signal) => this.#entry(service, account).deletePassword(signal));
  }

  async findCredentials(service: string): Promise<readonly Credential[]> {
    return this.#try((signal) => this.#binding.findCredentialsAsync(service, undefined, signal));
  }

  #entry(service: string, account: string): InstanceType<Binding["AsyncEntry"]> {
    return new this.#binding.AsyncEntry(service, account);
  }

  async #try<Result>(call: (signal: AbortSignal) => Promise<Result>, secret?: string): Promise<Result> {
    try {
      return await this.#limit.run(this.#name, async (signal) => call(signal));
    } catch (error) {
      throw nativeFailure(this.#name, error, secret);
    }
  }
}

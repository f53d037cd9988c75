/**
 * Keychains behind native code, on libuv's threads: macOS Keychain and Windows Credential Manager through @napi-rs/keyring,
 * and keytar. A call that timed out keeps its thread, and Node waits for its threads even in process.exit(). On macOS, a
 * dialog therefore blocks the program.
 */
import type { Binding } from "./binding.ts";
import { keychainFailure, type Credential, type Keychain } from "../keychain.ts";
import type { TimeLimit } from "../time-limit.ts";

export interface NativeCalls {
  getPassword: (service: string, account: string) => Promise<string | null | undefined>;
  setPassword: (service: string, account: string, password: string) => Promise<void>;
  deletePassword: (service: string, account: string) => Promise<boolean>;
  findCredentials: (service: string) => Promise<Credential[]>;
}

export interface NativePorts {
  readonly name: string;
  readonly limit: TimeLimit;
  readonly calls: (signal: AbortSignal) => NativeCalls;
  /** Fails when what native code is about to wait for does not answer, or would show a dialog. */
  readonly ready?: () => Promise<void>;
}

export function nativeKeychain({ name, limit, calls, ready }: NativePorts): Keychain {
  const attempt = async <Result>(
    call: (calls: NativeCalls) => Promise<Result>,
    secret?: string,
  ): Promise<Result> => {
    await ready?.();
    try {
      return await limit.run(name, async (signal) => call(calls(signal)));
    } catch (error) {
      throw keychainFailure(name, error, secret);
    }
  };
  return {
    getPassword: async (service, account) =>
      (await attempt((native) => native.getPassword(service, account))) ?? undefined,
    setPassword: (service, account, password) =>
      attempt((native) => native.setPassword(service, account, password), password),
    deletePassword: (service, account) => attempt((native) => native.deletePassword(service, account)),
    findCredentials: (service) => attempt((native) => native.findCredentials(service)),
  };
}

export function keyringCalls(
  { AsyncEntry, findCredentialsAsync }: Binding,
  signal: AbortSignal,
): NativeCalls {
  return {
    getPassword: (service, account) => new AsyncEntry(service, account).getPassword(signal),
    setPassword: (service, account, password) =>
      new AsyncEntry(service, account).setPassword(password, signal),
    deletePassword: (service, account) => new AsyncEntry(service, account).deletePassword(signal),
    findCredentials: (service) => findCredentialsAsync(service, undefined, signal),
  };
}

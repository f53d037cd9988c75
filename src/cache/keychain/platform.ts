/** Opens the keychains other than the kernel's. Loaded when one of them is read. */
import type { Log } from "../../foundation/ports.ts";
import { type Machine, loadBinding } from "./native/binding.ts";
import type { BusEnvironment } from "./secret-service/dbus/address.ts";
import { type Keychain, KeychainError } from "./keychain.ts";
import type { SecretService } from "./secret-service/secret-service.ts";
import type { Limits, TimeLimit } from "./time-limit.ts";

export interface KeychainOptions extends Machine {
  readonly bus: BusEnvironment;
  /** Logs a failure and its reason for --verbose, without secrets. */
  readonly log: Log;
  readonly limits?: Limits;
}

export async function openPlatform(
  name: string,
  options: KeychainOptions,
  limit: TimeLimit,
): Promise<Keychain> {
  const { platform } = options;
  if (platform !== "darwin" && platform !== "win32") return secretService(options, limit);
  const { nativeKeychain, keyringCalls } = await import("./native/native-keychain.ts");
  const binding = loadBinding(options);
  const calls = (signal: AbortSignal) => keyringCalls(binding, signal);
  const keychain = nativeKeychain({ name, limit, calls });
  // Windows stores UTF-16: 2,400 of 2,560 bytes.
  return platform === "win32" ? split(keychain, 1200) : keychain;
}

export async function openKeytar(options: KeychainOptions, limit: TimeLimit): Promise<Keychain> {
  const { loadKeytar } = await import("./native/keytar.ts");
  const { nativeKeychain } = await import("./native/native-keychain.ts");
  const keytar = loadKeytar(options);
  const isNative = options.platform === "darwin" || options.platform === "win32";
  const service = isNative ? undefined : await secretService(options, limit);
  const ready = async () => service?.ready();
  const keychain = nativeKeychain({ name: "keytar", limit, calls: () => keytar, ready });
  // This keychain stores UTF-8, which needs up to three bytes for a UTF-16 unit.
  return options.platform === "win32" ? split(keychain, 800) : keychain;
}

async function secretService({ bus, uid }: KeychainOptions, limit: TimeLimit): Promise<SecretService> {
  if (uid === undefined) throw new KeychainError("absent", "Secret Service needs a user id");
  const { secretServiceKeychain } = await import("./secret-service/secret-service.ts");
  return secretServiceKeychain({ bus, uid, limit });
}

async function split(keychain: Keychain, size: number): Promise<Keychain> {
  const { splitKeychain } = await import("./split-keychain.ts");
  return splitKeychain(keychain, { size, newId: () => crypto.randomUUID().slice(0, 8) });
}

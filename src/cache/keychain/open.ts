/** Chooses the keychain. A hit in the kernel keyring loads only this file's static imports and the native code. */
import { loadBinding, type Machine } from "./native/binding.ts";
import type { BusEnvironment } from "./secret-service/dbus/address.ts";
import { KeychainError, type Keychain } from "./keychain.ts";
import { KeyutilsKeychain } from "./keyutils.ts";
import type { KeychainMode } from "./mode.ts";
import type { SecretServiceKeychain } from "./secret-service/secret-service.ts";
import { TieredKeychain, type Tier } from "./tiers.ts";
import { defaultLimits, TimeLimit, type Limits } from "./time-limit.ts";

export interface KeychainOptions extends Machine {
  readonly bus: BusEnvironment;
  /** Logs a failure and its reason for --verbose, without secrets. */
  readonly tell: (line: string) => void;
  readonly limits?: Limits;
}

/** Opens nothing before the first call. */
export function openKeychain(mode: KeychainMode, options: KeychainOptions): Keychain {
  const limit = new TimeLimit(options.limits ?? defaultLimits);
  const orNothing = mode === "auto" || mode === "none";
  return new TieredKeychain(tiersOf(mode, options, limit), { tell: options.tell, orNothing });
}

function tiersOf(mode: KeychainMode, options: KeychainOptions, limit: TimeLimit): Tier[] {
  const keyutils = { name: "kernel keyring", open: () => openKeyutils(options) };
  const platform = { name: platformName(options.platform), open: () => openPlatform(options, limit) };
  switch (mode) {
    case "auto":
      return options.platform === "linux" ? [keyutils, platform] : [platform];
    case "keychain":
      return [platform];
    case "keyutils":
      return [keyutils];
    case "keytar":
      return [{ name: "keytar", open: () => openKeytar(options, limit) }];
    case "none":
      return [];
  }
}

function platformName(platform: NodeJS.Platform): string {
  if (platform === "darwin") return "macOS Keychain";
  return platform === "win32" ? "Windows Credential Manager" : "Secret Service";
}

// eslint-disable-next-line @typescript-eslint/require-await -- an error must become a rejection
async function openKeyutils(options: KeychainOptions): Promise<Keychain> {
  const { platform, uid } = options;
  if (platform !== "linux" || uid === undefined)
    throw new KeychainError("absent", "only Linux has a kernel keyring");
  return new KeyutilsKeychain({ binding: loadBinding(options), uid });
}

async function openPlatform(options: KeychainOptions, limit: TimeLimit): Promise<Keychain> {
  const { platform } = options;
  if (platform !== "darwin" && platform !== "win32") return secretService(options, limit);
  const { NativeKeychain } = await import("./native/native-keychain.ts");
  const keychain = new NativeKeychain(loadBinding(options), platformName(platform), limit);
  // Windows stores UTF-16: 2,400 of 2,560 bytes.
  return platform === "win32" ? split(keychain, 1200) : keychain;
}

async function openKeytar(options: KeychainOptions, limit: TimeLimit): Promise<Keychain> {
  const { KeytarKeychain, loadKeytar } = await import("./native/keytar.ts");
  const binding = loadKeytar(options);
  const isNative = options.platform === "darwin" || options.platform === "win32";
  const service = isNative ? undefined : await secretService(options, limit);
  const keychain = new KeytarKeychain({ binding, limit, ready: async () => service?.ready() });
  // This keychain stores UTF-8, which needs up to three bytes for a UTF-16 unit.
  return options.platform === "win32" ? split(keychain, 800) : keychain;
}

async function secretService(
  { bus, uid }: KeychainOptions,
  limit: TimeLimit,
): Promise<SecretServiceKeychain> {
  if (uid === undefined) throw new KeychainError("absent", "Secret Service needs a user id");
  const { SecretServiceKeychain: Opened } = await import("./secret-service/secret-service.ts");
  return new Opened({ bus, uid, limit });
}

async function split(keychain: Keychain, size: number): Promise<Keychain> {
  const { SplitKeychain } = await import("./split-keychain.ts");
  return new SplitKeychain(keychain, { size, newId: () => crypto.randomUUID().slice(0, 8) });
}

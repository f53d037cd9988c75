/** Chooses the keychain. A hit in the kernel keyring loads only this file's static imports and the native code. */
import type { Log } from "../../foundation/ports.ts";
import { loadBinding } from "./native/binding.ts";
import { type Keychain, KeychainError, keychainFailure } from "./keychain.ts";
import { keyutilsKeychain } from "./keyutils.ts";
import type { KeychainMode } from "./mode.ts";
import type { KeychainOptions } from "./platform.ts";
import { TimeLimit, defaultLimits } from "./time-limit.ts";

export function openKeychain(mode: KeychainMode, options: KeychainOptions): Keychain {
  const limit = new TimeLimit(options.limits ?? defaultLimits);
  return tieredKeychain(tiersOf(options, limit)[mode], { log: options.log, orNothing: mode === "auto" });
}

function tiersOf(options: KeychainOptions, limit: TimeLimit): Record<KeychainMode, Tier[]> {
  const keyutils = { name: "kernel keyring", open: () => openKeyutils(options) };
  const name = platformName(options.platform);
  const platform: Tier = {
    name,
    open: async () => (await import("./platform.ts")).openPlatform(name, options, limit),
  };
  const openKeytar: Tier["open"] = async () => (await import("./platform.ts")).openKeytar(options, limit);
  return {
    auto: options.platform === "linux" ? [keyutils, platform] : [platform],
    keychain: [platform],
    keyutils: [keyutils],
    keytar: [{ name: "keytar", open: openKeytar }],
    none: [],
  };
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
  return keyutilsKeychain({ binding: loadBinding(options), uid });
}

export interface Tier {
  readonly name: string;
  /** Called at most once, and only when needed, because it loads code. */
  readonly open: () => Promise<Keychain>;
}

export interface TierOptions {
  readonly log: Log;
  /** If none works, act like an empty keychain that stores nothing; otherwise fail like the last one. */
  readonly orNothing: boolean;
}

/** Several keychains as one: the first that works reads and writes. One that has failed is not tried again. */
export function tieredKeychain(all: readonly Tier[], { log, orNothing }: TierOptions): Keychain {
  const tiers: (Tier & { opened?: Promise<Keychain> })[] = all.map((tier) => ({ ...tier }));
  const failed = new Set<Tier>();
  let failure: KeychainError | undefined;
  /** Of the first keychains that work, at most so many. */
  const results = async <Result>(
    call: (keychain: Keychain) => Promise<Result>,
    most = Infinity,
  ): Promise<Result[]> => {
    const found: Result[] = [];
    for (const tier of tiers) {
      if (failed.has(tier) || found.length === most) continue;
      try {
        tier.opened ??= tier.open();
        found.push(await call(await tier.opened));
      } catch (error) {
        failure = keychainFailure(tier.name, error);
        // A full keychain has not failed: its entries are still valid.
        if (failure.reason === "full") throw failure;
        if (!failed.has(tier)) log(`${tier.name}: ${failure.reason}: ${failure.message}`);
        failed.add(tier);
      }
    }
    if (found.length === 0 && failure && !orNothing) throw failure;
    return found;
  };
  return {
    // If the first one has no entry, the second one is not read, because both are written only after the first one fails.
    getPassword: async (service, account) =>
      (await results((keychain) => keychain.getPassword(service, account), 1))[0],
    setPassword: async (service, account, password) => {
      await results((keychain) => keychain.setPassword(service, account, password), 1);
    },
    // From all keychains, because an earlier run can have used another one.
    deletePassword: async (service, account) =>
      (await results((keychain) => keychain.deletePassword(service, account))).includes(true),
    // If several keychains have the account, the entry of the first one.
    findCredentials: async (service) => {
      const found = (await results((keychain) => keychain.findCredentials(service))).flat();
      return found.filter(({ account }, at) => found.findIndex((other) => other.account === account) === at);
    },
  };
}

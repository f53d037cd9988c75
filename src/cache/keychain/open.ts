/** Chooses the keychain. A hit in the kernel keyring loads only this file's static imports and the native code. */
import { type Machine, loadBinding } from "./native/binding.ts";
import type { BusEnvironment } from "./secret-service/dbus/address.ts";
import { type Credential, type Keychain, KeychainError, asKeychainError } from "./keychain.ts";
import { KeyutilsKeychain } from "./keyutils.ts";
import type { KeychainMode } from "./mode.ts";
import type { SecretServiceKeychain } from "./secret-service/secret-service.ts";
import { type Limits, TimeLimit, defaultLimits } from "./time-limit.ts";

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

export interface Tier {
  readonly name: string;
  /** Called at most once, and only when needed, because it loads code. */
  readonly open: () => Promise<Keychain>;
}

export interface TierOptions {
  readonly tell: (line: string) => void;
  /** If none works, act like an empty keychain that stores nothing; otherwise fail like the last one. */
  readonly orNothing: boolean;
}

/** Several keychains as one: the first that works reads and writes. One that has failed is not tried again. */
export class TieredKeychain implements Keychain {
  readonly #tiers: readonly OpenedTier[];
  readonly #options: TierOptions;
  #failure: KeychainError | undefined;

  constructor(tiers: readonly Tier[], options: TierOptions) {
    this.#tiers = tiers.map((tier) => new OpenedTier(tier));
    this.#options = options;
  }

  /** If the first one has no entry, the second one is not read, because both are written only after the first one fails. */
  async getPassword(service: string, account: string): Promise<string | undefined> {
    return this.#first((keychain) => keychain.getPassword(service, account), undefined);
  }

  async setPassword(service: string, account: string, password: string): Promise<void> {
    await this.#first((keychain) => keychain.setPassword(service, account, password), undefined);
  }

  /** From all keychains, because an earlier run can have used another one. */
  async deletePassword(service: string, account: string): Promise<boolean> {
    const deleted = await this.#each((keychain) => keychain.deletePassword(service, account));
    return deleted.includes(true);
  }

  async findCredentials(service: string): Promise<readonly Credential[]> {
    const found = await this.#each((keychain) => keychain.findCredentials(service));
    // If several keychains have the account, the entry of the first tier.
    const byAccount = new Map(
      found
        .flat()
        .toReversed()
        .map((credential) => [credential.account, credential]),
    );
    return [...byAccount.values()].toReversed();
  }

  async #first<Result>(call: (keychain: Keychain) => Promise<Result>, nothing: Result): Promise<Result> {
    for (const tier of this.#tiers.filter((each) => !each.failed)) {
      const outcome = await this.#attempt(tier, call);
      if (outcome) return outcome.result;
    }
    this.#failUnlessAllowed();
    return nothing;
  }

  async #each<Result>(call: (keychain: Keychain) => Promise<Result>): Promise<Result[]> {
    const results: Result[] = [];
    for (const tier of this.#tiers.filter((each) => !each.failed)) {
      const outcome = await this.#attempt(tier, call);
      if (outcome) results.push(outcome.result);
    }
    if (results.length === 0) this.#failUnlessAllowed();
    return results;
  }

  /** Undefined if the tier failed. A full keychain has not failed: its entries are still valid. */
  async #attempt<Result>(
    tier: OpenedTier,
    call: (keychain: Keychain) => Promise<Result>,
  ): Promise<{ result: Result } | undefined> {
    try {
      return { result: await call(await tier.open()) };
    } catch (caught) {
      const error = asKeychainError(caught);
      if (error.reason === "full") throw error;
      if (!tier.failed) this.#options.tell(`${tier.name}: ${error.reason}: ${error.message}`);
      tier.failed = true;
      this.#failure = error;
      return undefined;
    }
  }

  #failUnlessAllowed(): void {
    if (this.#failure && !this.#options.orNothing) throw this.#failure;
  }
}

class OpenedTier {
  readonly name: string;
  readonly #open: () => Promise<Keychain>;
  #opened: Promise<Keychain> | undefined;
  failed = false;

  constructor({ name, open }: Tier) {
    this.name = name;
    this.#open = open;
  }

  open(): Promise<Keychain> {
    this.#opened ??= this.#open();
    return this.#opened;
  }
}

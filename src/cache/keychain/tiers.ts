/** Combines several keychains: the first one that works is used for reading and writing. A failed one is not tried again. */
import { asKeychainError, type Credential, type Keychain, type KeychainError } from "./keychain.ts";

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

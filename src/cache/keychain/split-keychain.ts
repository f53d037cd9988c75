/**
 * Long values in a keychain of short ones: Windows takes 2,560 bytes a credential. The pieces first, the manifest last, in the
 * account's own credential: until then, readers have the old value, whole. Pieces carry an id of their write, since those that were
 * overwritten in place would reach a reader mixed.
 */
import type { Credential, Keychain } from "./keychain.ts";
import * as pieces from "./pieces.ts";

export interface Split {
  /** UTF-16 units of a piece. */
  readonly size: number;
  /** Eight hex digits, another at each call. */
  readonly newId: () => string;
}

export class SplitKeychain implements Keychain {
  readonly #inner: Keychain;
  readonly #size: number;
  readonly #newId: () => string;

  constructor(inner: Keychain, { size, newId }: Split) {
    this.#inner = inner;
    this.#size = size;
    this.#newId = newId;
  }

  async getPassword(service: string, account: string): Promise<string | undefined> {
    const text = await this.#inner.getPassword(service, account);
    if (text === undefined || !pieces.isManifestLike(text)) return text;
    const manifest = pieces.parseManifest(text);
    if (!manifest) return undefined;
    const names = pieces.pieceNames(account, manifest);
    return pieces.join(
      await Promise.all(names.map((name) => this.#inner.getPassword(service, name))),
      manifest,
    );
  }

  async setPassword(service: string, account: string, password: string): Promise<void> {
    const before = await this.#manifest(service, account);
    const text = pieces.needsPieces(password, this.#size)
      ? await this.#setPieces(service, account, password)
      : password;
    await this.#inner.setPassword(service, account, text);
    // After it, for the sake of readers. A reader that has the old manifest now finds no pieces: a miss.
    if (before) await this.#deleteAll(service, pieces.pieceNames(account, before));
  }

  async deletePassword(service: string, account: string): Promise<boolean> {
    const deleted = await this.#inner.deletePassword(service, account);
    const all = await this.#inner.findCredentials(service);
    const own = all.filter((credential) => pieces.ownerOf(credential.account) === account);
    // Those of a writer that died before its manifest, too.
    await this.#deleteAll(
      service,
      own.map((credential) => credential.account),
    );
    return deleted || own.length > 0;
  }

  /** An account whose pieces do not add up has an empty password: to be listed and deleted, not used. */
  async findCredentials(service: string): Promise<readonly Credential[]> {
    const all = await this.#inner.findCredentials(service);
    const texts = new Map(all.map(({ account, password }) => [account, password]));
    const accounts = new Set(all.map(({ account }) => pieces.ownerOf(account) ?? account));
    return [...accounts].map((account) => ({ account, password: whole(account, texts) ?? "" }));
  }

  async #setPieces(service: string, account: string, password: string): Promise<string> {
    const parts = pieces.cut(password, this.#size);
    const manifest = { id: this.#newId(), count: parts.length, length: password.length };
    const names = pieces.pieceNames(account, manifest);
    await Promise.all(names.map((name, index) => this.#inner.setPassword(service, name, parts[index] ?? "")));
    return pieces.manifestText(manifest);
  }

  async #manifest(service: string, account: string): Promise<pieces.Manifest | undefined> {
    return pieces.parseManifest((await this.#inner.getPassword(service, account)) ?? "");
  }

  async #deleteAll(service: string, accounts: readonly string[]): Promise<void> {
    await Promise.all(accounts.map((account) => this.#inner.deletePassword(service, account)));
  }
}

function whole(account: string, texts: ReadonlyMap<string, string>): string | undefined {
  const text = texts.get(account);
  if (text === undefined || !pieces.isManifestLike(text)) return text;
  const manifest = pieces.parseManifest(text);
  if (!manifest) return undefined;
  return pieces.join(
    pieces.pieceNames(account, manifest).map((name) => texts.get(name)),
    manifest,
  );
}

/**
 * Long values in a keychain with a size limit: Windows allows 2,560 bytes for a credential. The pieces are written first, and
 * the manifest last, into the account's own credential, so readers have the complete old value until then. The pieces
 * carry the id of their write, because overwritten pieces would reach a reader mixed.
 */
import type { Credential, Keychain } from "./keychain.ts";
import * as pieces from "./pieces.ts";

export interface Split {
  /** UTF-16 units of a piece. */
  readonly size: number;
  /** Eight hexadecimal digits, new for each call. */
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
    // After the manifest, for the sake of readers. A reader of the old manifest now finds no pieces, which is a miss.
    if (before) await this.#deleteAll(service, pieces.pieceNames(account, before));
  }

  async deletePassword(service: string, account: string): Promise<boolean> {
    const deleted = await this.#inner.deletePassword(service, account);
    const all = await this.#inner.findCredentials(service);
    const own = all.filter((credential) => pieces.ownerOf(credential.account) === account);
    // Also those of a writer that died before its manifest.
    await this.#deleteAll(
      service,
      own.map((credential) => credential.account),
    );
    return deleted || own.length > 0;
  }

  /** An account with missing pieces has an empty password. It can be listed and deleted, but not used. */
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

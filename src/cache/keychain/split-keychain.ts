/**
 * Long values in a keychain with a size limit: Windows allows 2,560 bytes for a credential. The pieces are written first, and
 * the manifest last, into the account's own credential, so readers have the complete old value until then. The pieces
 * carry the id of their write, because overwritten pieces would reach a reader mixed.
 */
import type { Credential, Keychain } from "./keychain.ts";

export interface Split {
  /** UTF-16 units of a piece. */
  readonly size: number;
  /** Eight hexadecimal digits, new for each call. */
  readonly newId: () => string;
}

export function splitKeychain(inner: Keychain, { size, newId }: Split): Keychain {
  const deleteAll = (service: string, accounts: readonly string[]) =>
    Promise.all(accounts.map((account) => inner.deletePassword(service, account)));
  const setPieces = async (service: string, account: string, password: string): Promise<string> => {
    const parts = cut(password, size);
    const manifest = { id: newId(), count: parts.length, length: password.length };
    const names = pieceNames(account, manifest);
    await Promise.all(names.map((name, index) => inner.setPassword(service, name, parts[index] ?? "")));
    return `${mark} ${manifest.id} ${manifest.count} ${manifest.length}`;
  };
  return {
    getPassword: (service, account) => whole(account, (name) => inner.getPassword(service, name)),
    setPassword: async (service, account, password) => {
      const before = parseManifest((await inner.getPassword(service, account)) ?? "");
      const isShort = password.length <= size && !password.startsWith(mark);
      const text = isShort ? password : await setPieces(service, account, password);
      await inner.setPassword(service, account, text);
      // After the manifest, for the sake of readers. A reader of the old manifest now finds no pieces, which is a miss.
      if (before) await deleteAll(service, pieceNames(account, before));
    },
    deletePassword: async (service, account) => {
      const deleted = await inner.deletePassword(service, account);
      const all = await inner.findCredentials(service);
      // Also those of a writer that died before its manifest.
      const own = all.map((credential) => credential.account).filter((name) => ownerOf(name) === account);
      await deleteAll(service, own);
      return deleted || own.length > 0;
    },
    // An account with missing pieces has an empty password. It can be listed and deleted, but not used.
    findCredentials: async (service) => {
      const all = await inner.findCredentials(service);
      const texts = new Map(all.map(({ account, password }) => [account, password]));
      const accounts = new Set(all.map(({ account }) => ownerOf(account) ?? account));
      const wholeOf = async (account: string): Promise<Credential> => {
        const password = await whole(account, (name) => Promise.resolve(texts.get(name)));
        return { account, password: password ?? "" };
      };
      return Promise.all([...accounts].map(wholeOf));
    },
  };
}

/** The prefix of a manifest. A value with this prefix is split too, so it cannot be taken for a manifest. */
const mark = "eks-x509 pieces 1";

interface Manifest {
  /** Identifies this write, so that the pieces of two writers have different names. */
  readonly id: string;
  readonly count: number;
  readonly length: number;
}

const manifestForm = new RegExp(`^${mark} ([0-9a-f]{8}) (\\d{1,4}) (\\d{1,7})$`);

function parseManifest(text: string): Manifest | undefined {
  const [, id, count, length] = manifestForm.exec(text) ?? [];
  return id === undefined ? undefined : { id, count: Number(count), length: Number(length) };
}

/** Of at most `size` UTF-16 units. It never splits a surrogate pair, whose halves native code would replace. */
export function cut(value: string, size: number): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < value.length;) {
    let end = start + size;
    if (end < value.length && /[\ud800-\udbff]/.test(value.charAt(end - 1))) end -= 1;
    pieces.push(value.slice(start, end));
    start = end;
  }
  return pieces;
}

function pieceNames(account: string, { id, count }: Manifest): string[] {
  return Array.from({ length: count }, (_, index) => `${account}#${index + 1}.${id}`);
}

/** The account that a piece belongs to; undefined for an account that is not a piece. */
function ownerOf(account: string): string | undefined {
  return /^(.*)#\d+\.[0-9a-f]{8}$/s.exec(account)?.[1];
}

/** Undefined if there is no value, or if its manifest is damaged or a piece is missing. */
async function whole(
  account: string,
  read: (name: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  const text = await read(account);
  if (!text?.startsWith(mark)) return text;
  const manifest = parseManifest(text);
  if (!manifest) return undefined;
  const pieces = await Promise.all(pieceNames(account, manifest).map(read));
  const value = pieces.join("");
  return pieces.includes(undefined) || value.length !== manifest.length ? undefined : value;
}

/**
 * Chooses how certificates and keys are opened, by what the settings name: a file, a `pkcs11:` URI, or `ssh-agent:`. A hit asks for
 * the states alone, so all that opens something is loaded when it is opened.
 */
import type { FileContent, FileRole, FileState, GivenFile, ReadFile, Sha256 } from "../foundation/ports.ts";
import { shownPath } from "../foundation/shown.ts";
import type { CertificateSource, IdentitySources, SignerSource } from "../identity/signer.ts";
import type { Opening } from "./opening.ts";

interface Files {
  readFile: ReadFile;
  fileState: FileState;
  sha256: Sha256;
}

/** @param load what opens locked files, tokens and agents; one run shares it, with its passwords and the process of its module */
export function identitySources(files: Files, load: () => Promise<Opening>): IdentitySources {
  let loaded: Promise<Opening> | undefined;
  const opening = (): Promise<Opening> => (loaded ??= load());
  return {
    certificates: (given) =>
      isElsewhere(given)
        ? { ...unwatched(given), open: async () => (await opening()).certificates(given) }
        : certificatesIn(given, files, opening),
    signer: (given) =>
      isElsewhere(given)
        ? { ...unwatched(given), open: async (publicKeys) => (await opening()).signer(given, publicKeys) }
        : keyIn(given, files, opening),
    tokens: opening,
  };
}

/** Whether a setting names no file. */
export function isElsewhere({ path }: Pick<GivenFile, "path">): boolean {
  return /^(pkcs11|ssh-agent):/i.test(path);
}

/** A card that is swapped for another is not noticed until the session ends: asking would load the module on each run. */
function unwatched({ path }: GivenFile): Pick<SignerSource, "description" | "state"> {
  // Names a cache entry, and a key in messages.
  const description = withoutPin(path);
  return { description, state: () => Promise.resolve(description) };
}

/** A `pkcs11:` URI as it may be printed and stored: without `pin-value`, RFC 7512 §2.4, also where a mistake put it, and in any spelling. */
export function withoutPin(path: string): string {
  if (!isElsewhere({ path })) return path;
  return path.replace(pinValue, "pin-value=…");
}

/** Its letters can be escaped. An unescaped separator in a PIN does not end it. */
const pinValue =
  /(p|%[57]0)(i|%[46]9)(n|%[46]e)(-|%2d)(v|%[57]6)(a|%[46]1)(l|%[46]c)(u|%[57]5)(e|%[46]5).*?(?=&(pin-source|module-(name|path))=|$)/gis;

function certificatesIn(
  { path, source }: GivenFile,
  { readFile, sha256 }: Files,
  opening: () => Promise<Opening>,
): CertificateSource {
  // A session is created from the bytes that name its cache entry, even if the file changes in between.
  let content: Promise<FileContent> | undefined;
  const read = (): Promise<FileContent> =>
    (content ??= readFile(path, { given: source, hop: "certificate", category: "identity" }));
  return {
    state: async () => sha256((await read()).bytes),
    open: async () => {
      const [{ pkcs12In }, file] = [await import("../identity/file-kinds.ts"), await read()];
      return pkcs12In(file) ? (await opening()).lockedCertificates(file) : file;
    },
  };
}

function keyIn(
  { path, source }: GivenFile,
  { readFile, fileState, sha256 }: Files,
  opening: () => Promise<Opening>,
): SignerSource {
  const role: FileRole = { given: source, hop: "private-key", category: "identity" };
  return {
    description: shownPath(path),
    state: async () => (await fileState(path, role)) ?? sha256((await readFile(path, role)).bytes),
    open: async (publicKeys) => {
      const { openKeyFile } = await import("../identity/private-key.ts");
      return openKeyFile(await readFile(path, role), async (file) =>
        (await opening()).unlockedKey(file, publicKeys),
      );
    },
  };
}

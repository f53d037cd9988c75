/** Whether a sign-in may have to ask a person at the terminal, at this time or later. */
import { EksX509Error } from "../foundation/errors.ts";
import type { GivenFile, ReadOptional } from "../foundation/ports.ts";
import { lockedKey } from "../identity/private-key.ts";
import type { KeyAccess } from "../identity/signer.ts";

interface Given {
  certificate: GivenFile;
  privateKey: GivenFile;
  access: KeyAccess;
}

export async function mayAsk(
  { certificate, privateKey, access }: Given,
  readOptional: ReadOptional,
): Promise<boolean> {
  // These come before the prompt, and a wrong password from them is an error.
  if (access.passwordFile ?? access.askpass) return false;
  const locked = [certificate, privateKey].map((given) => isLocked(given, readOptional));
  return (await Promise.all(locked)).includes(true);
}

/** A file that is not here is for another machine, and judged by its name. */
async function isLocked({ path, source }: GivenFile, readOptional: ReadOptional): Promise<boolean> {
  if (/^pkcs11:/i.test(path)) return !/[?&]pin-(value|source)=/i.test(path);
  if (/^ssh-agent:/i.test(path)) return false;
  try {
    const file = await readOptional(path, { given: source, hop: "private-key", category: "identity" });
    return typeof file === "string" ? /\.(p12|pfx)$/i.test(path) : lockedKey(file) !== undefined;
  } catch (error) {
    // The entry can be written before its file is whole. A sign-in names the fault.
    if (error instanceof EksX509Error) return false;
    throw error;
  }
}

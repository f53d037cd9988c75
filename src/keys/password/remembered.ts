/** Passwords and PINs in the OS keychain, where `eks-x509 key remember` puts them. They are apart from the cache, which is cleared. */
import type { Sha256 } from "../../foundation/ports.ts";

export const passwordService = "eks-x509-password";

/** @param id of the lock: a file's path, or a token's manufacturer, model and serial number */
export function passwordAccount(id: string, sha256: Sha256): string {
  return `password/${sha256(id)}`;
}

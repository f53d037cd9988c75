/** The failure of a command that is about the keychain. get-token works without one, and only logs it. */
import { errorsOf, type EksX509Error } from "../foundation/errors.ts";
import { KeychainError } from "./keychain/keychain.ts";

export function cacheUnavailable(error: unknown, hint: string): EksX509Error {
  return errorsOf("other", "cache")(
    "CACHE_UNAVAILABLE",
    `the keychain does not answer: ${keychainReason(error)}`,
    hint,
  );
}

export function keychainReason(error: unknown): string {
  return error instanceof KeychainError ? error.message : "unknown error";
}

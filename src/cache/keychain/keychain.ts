/** The port, with keytar's four functions. A missing entry is undefined; a failure is a KeychainError. */

export interface Credential {
  readonly account: string;
  readonly password: string;
}

export interface Keychain {
  /** @throws KeychainError */
  getPassword(service: string, account: string): Promise<string | undefined>;
  /** @throws KeychainError */
  setPassword(service: string, account: string, password: string): Promise<void>;
  /** False if there was nothing to delete. @throws KeychainError */
  deletePassword(service: string, account: string): Promise<boolean>;
  /** @throws KeychainError */
  findCredentials(service: string): Promise<readonly Credential[]>;
}

/**
 * - absent: this system has no such keychain, or its code is not installed
 * - locked: the keychain would have to ask the user
 * - refused: the keychain, or one of our checks, refuses (EACCES, EPERM)
 * - full: there is no space for this value (EDQUOT); existing entries can still be read
 * - timed-out: no answer within the limit
 * - broken: any other failure
 */
export type KeychainFailure = "absent" | "locked" | "refused" | "full" | "timed-out" | "broken";

/** Its message never contains a password. */
export class KeychainError extends Error {
  readonly reason: KeychainFailure;

  constructor(reason: KeychainFailure, message: string) {
    super(message);
    this.name = "KeychainError";
    this.reason = reason;
  }
}

export function asKeychainError(error: unknown): KeychainError {
  if (error instanceof KeychainError) return error;
  return new KeychainError("broken", error instanceof Error ? error.name : "unknown");
}

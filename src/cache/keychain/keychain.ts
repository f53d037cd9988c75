/** The port: keytar's four functions. What is not there is undefined; what cannot be told is a KeychainError. */

export interface Credential {
  readonly account: string;
  readonly password: string;
}

export interface Keychain {
  /** @throws KeychainError */
  getPassword(service: string, account: string): Promise<string | undefined>;
  /** @throws KeychainError */
  setPassword(service: string, account: string, password: string): Promise<void>;
  /** False when there was nothing to delete. @throws KeychainError */
  deletePassword(service: string, account: string): Promise<boolean>;
  /** @throws KeychainError */
  findCredentials(service: string): Promise<readonly Credential[]>;
}

/**
 * - absent: no such keychain here, or no code for it
 * - locked: it would have to ask the user
 * - refused: it, or a check of ours, says no (EACCES, EPERM)
 * - full: no room for this value (EDQUOT); what is in it can still be read
 * - timed-out: no answer within the limit
 * - broken: anything else
 */
export type KeychainFailure = "absent" | "locked" | "refused" | "full" | "timed-out" | "broken";

/** Its message never holds a password. */
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

/** The port, with keytar's four functions. A missing entry is undefined; a failure is a KeychainError. */
import { systemCode, systemText } from "../../foundation/system-error.ts";

export interface Credential {
  readonly account: string;
  readonly password: string;
}

export interface Keychain {
  getPassword(service: string, account: string): Promise<string | undefined>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  /** False if there was nothing to delete. @throws KeychainError */
  deletePassword(service: string, account: string): Promise<boolean>;
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

/** The texts of native code, and the names of the errors of D-Bus and the system. */
const meanings: readonly (readonly [RegExp, KeychainFailure])[] = [
  [/QuotaExceeded|quota|TooLong|too long|longer than|No space/i, "full"],
  [/interaction is not allowed|locked|dismissed|cancell?ed/i, "locked"],
  [/AccessDenied|PermissionDenied|access denied|not permitted|AuthFailed|rejected|EACCES|EPERM/i, "refused"],
  [/OperationNotSupported|ServiceUnknown|autolaunch|No default store|not provided by any/i, "absent"],
  [/NameHasNoOwner|Error\.Spawn\.|^(ENOENT|ECONNREFUSED|ENOTDIR)$/, "absent"],
  [/Error\.(TimedOut|Timeout)$/, "timed-out"],
];

/** @param secret a text that contains it is not repeated */
export function keychainFailure(name: string, error: unknown, secret = ""): KeychainError {
  if (error instanceof KeychainError) return error;
  const [code] = /^E[A-Z]+$/.exec(systemCode(error)) ?? [];
  const said = code ?? systemText(error);
  const reason = meanings.find(([pattern]) => pattern.test(said))?.[1] ?? "broken";
  const shown = secret !== "" && said.includes(secret) ? "" : `: ${said.slice(0, 160)}`;
  return new KeychainError(reason, `${name}${shown}`);
}

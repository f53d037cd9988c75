/** The meaning of native code's messages. They name the system's error and contain no passwords; they are still shortened. */
import { KeychainError, type KeychainFailure } from "../keychain.ts";

const meanings: readonly (readonly [RegExp, KeychainFailure])[] = [
  [/QuotaExceeded|quota|TooLong|too long|longer than|No space/i, "full"],
  [/interaction is not allowed|locked|dismissed|cancell?ed/i, "locked"],
  [/AccessDenied|PermissionDenied|access denied|not permitted|EACCES|EPERM/i, "refused"],
  [/OperationNotSupported|ServiceUnknown|autolaunch|No default store|not provided by any/i, "absent"],
];

export function nativeFailure(name: string, error: unknown, secret = ""): KeychainError {
  if (error instanceof KeychainError) return error;
  const said = error instanceof Error ? error.message : "unknown";
  const reason = meanings.find(([pattern]) => pattern.test(said))?.[1] ?? "broken";
  const shown = secret !== "" && said.includes(secret) ? "" : `: ${said.slice(0, 160)}`;
  return new KeychainError(reason, `${name}${shown}`);
}

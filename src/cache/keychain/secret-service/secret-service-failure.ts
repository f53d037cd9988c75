/** The meaning of a failure of Secret Service. Pure. */
import { KeychainError, type KeychainFailure } from "../keychain.ts";

const meanings: readonly (readonly [RegExp, KeychainFailure])[] = [
  [/^(ENOENT|ECONNREFUSED|ENOTDIR)$/, "absent"],
  [/^(EACCES|EPERM|rejected)$/, "refused"],
  [/^org\.freedesktop\.DBus\.Error\.(ServiceUnknown|NameHasNoOwner|Spawn\..*)$/, "absent"],
  [/^org\.freedesktop\.DBus\.Error\.(AccessDenied|AuthFailed)$/, "refused"],
  [/^org\.freedesktop\.DBus\.Error\.(TimedOut|Timeout)$/, "timed-out"],
  [/^org\.freedesktop\.Secret\.Error\.IsLocked$/, "locked"],
];

export function secretServiceFailure(error: unknown): KeychainError {
  if (error instanceof KeychainError) return error;
  const what = nameOf(error);
  const reason = meanings.find(([pattern]) => pattern.test(what))?.[1] ?? "broken";
  return new KeychainError(reason, `Secret Service: ${what}`);
}

/** The name of a D-Bus error, or the system's code. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if ("errorName" in error && typeof error.errorName === "string") return error.errorName;
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

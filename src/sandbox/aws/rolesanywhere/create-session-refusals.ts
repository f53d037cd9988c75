/** The refusals of Roles Anywhere, with the messages that its clients received. A wrong ARN is 403, not 404. */
import { Refusal } from "../refusal.ts";

/** `why` goes to the sandbox's log only. */
export function accessDenied(message: string, why?: string): Refusal {
  return new Refusal(403, "AccessDeniedException", message, why);
}

/** Roles Anywhere also returns this for a tampered or an old request. */
export function invalidSignature(why: string): Refusal {
  return accessDenied("Invalid signature", why);
}

export function untrustedCertificate(why: string): Refusal {
  return accessDenied("Untrusted signing certificate", why);
}

export function insufficientCertificate(why: string): Refusal {
  return accessDenied("Untrusted certificate. Insufficient certificate", why);
}

export function unableToAssume(roleArn: string, why: string): Refusal {
  return accessDenied(`Unable to assume role for ${roleArn}`, why);
}

export function durationTooLong(roleArn: string): Refusal {
  const reason = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
  return accessDenied(`Unable to assume role for ${roleArn}; ${reason}`, reason);
}

/** `value` is quoted as received; `null` if it is missing. */
export function invalidValue(member: string, value: string | null, constraint: string): Refusal {
  const received = value === null ? "null" : `'${value}'`;
  const message =
    `1 validation error detected: Value ${received} at '${member}' ` +
    `failed to satisfy constraint: ${constraint}`;
  return new Refusal(400, "ValidationException", message);
}

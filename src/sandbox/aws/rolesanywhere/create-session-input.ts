/** The input of CreateSession: its query parameters and JSON body, within the limits of the API reference. */
import { parseJson } from "../../../foundation/json.ts";
import { type JsonObject, isJsonObject } from "../../json-value.ts";
import type { WireRequest } from "../../wire.ts";
import { detected, violation } from "../api/violation.ts";
import { Refusal } from "../refusal.ts";
import { parameter, parseParameters } from "../signature/parameters.ts";

export interface CreateSessionInput {
  trustAnchorArn: string;
  profileArn: string;
  roleArn: string;
  /** 900 to 43200. */
  durationSeconds: number | undefined;
  roleSessionName: string | undefined;
}

const arnForms = {
  trustAnchorArn: /^arn:aws(-[^:]+)?:rolesanywhere(:.*){2}(:trust-anchor.*)$/,
  profileArn: /^arn:aws(-[^:]+)?:rolesanywhere(:.*){2}(:profile.*)$/,
  roleArn: /^arn:aws(-[^:]+)?:iam(:.*){2}(:role.*)$/,
};

const longestArn = 1011;

/** @throws {Refusal} ValidationException for a member that is missing, malformed or out of bounds. */
export function readInput(request: WireRequest): CreateSessionInput {
  const content = request.body.length === 0 ? {} : parseJson(request.body.toString("utf8"));
  if (!isJsonObject(content)) {
    throw new Refusal(400, "ValidationException", "The request body is not JSON.");
  }
  return {
    trustAnchorArn: arn("trustAnchorArn", request, content),
    profileArn: arn("profileArn", request, content),
    roleArn: arn("roleArn", request, content),
    durationSeconds: duration(content["durationSeconds"]),
    roleSessionName: sessionName(content["roleSessionName"]),
  };
}

/** The ARNs can be in the query, where aws_signing_helper puts them, or in the body. */
function arn(member: keyof typeof arnForms, { rawQuery }: WireRequest, content: JsonObject): string {
  const value = parameter(parseParameters(rawQuery) ?? [], member) ?? content[member] ?? null;
  if (typeof value !== "string") throw invalidValue(member, null, "Member must not be null");
  if (value.length > longestArn) {
    throw invalidValue(member, value, `Member must have length less than or equal to ${longestArn}`);
  }
  const form = arnForms[member];
  if (form.test(value)) return value;
  throw invalidValue(member, value, `Member must satisfy regular expression pattern: ${form.source}`);
}

function duration(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const text = JSON.stringify(value);
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw invalidValue("durationSeconds", text, "Member must be an integer");
  }
  const bound = value < 900 ? "greater than or equal to 900" : "less than or equal to 43200";
  if (value >= 900 && value <= 43200) return value;
  throw invalidValue("durationSeconds", text, `Member must have value ${bound}`);
}

function sessionName(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const name = typeof value === "string" ? value : JSON.stringify(value);
  if (name.length < 2 || name.length > 64) {
    throw invalidValue("roleSessionName", name, "Member must have length between 2 and 64, inclusive");
  }
  if (typeof value === "string" && /^[\w+=,.@-]+$/.test(value)) return value;
  throw invalidValue("roleSessionName", name, "Member must satisfy regular expression pattern: [\\w+=,.@-]*");
}

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
function invalidValue(member: string, value: string | null, constraint: string): Refusal {
  const received = value === null ? "null" : `'${value}'`;
  return new Refusal(400, "ValidationException", detected([violation(member, received, constraint)]));
}

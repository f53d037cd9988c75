/** The input of AssumeRole, within the limits of the STS API reference. */
import { detected, violation } from "../api/violation.ts";
import { Refusal } from "../refusal.ts";
import { type Parameter, parameter } from "../signature/parameters.ts";

export interface AssumeRoleInput {
  roleArn: string;
  roleSessionName: string;
  durationSeconds: number;
  externalId: string | undefined;
}

/** @throws {Refusal} ValidationError for a parameter that is missing, malformed or out of bounds. */
export function readAssumeRole(parameters: readonly Parameter[]): AssumeRoleInput {
  const externalId = parameter(parameters, "ExternalId");
  return {
    roleArn: text("roleArn", parameter(parameters, "RoleArn"), /^[\x21-\x7e]{20,2048}$/),
    roleSessionName: text("roleSessionName", parameter(parameters, "RoleSessionName"), /^[\w+=,.@-]{2,64}$/),
    durationSeconds: duration(parameter(parameters, "DurationSeconds")),
    externalId:
      externalId === undefined ? undefined : text("externalId", externalId, /^[\w+=,.@:/-]{2,1224}$/),
  };
}

function text(member: string, value: string | undefined, form: RegExp): string {
  if (value === undefined) throw invalid(member, "null", "Member must not be null");
  if (form.test(value)) return value;
  throw invalid(member, `'${value}'`, `Member must satisfy regular expression pattern: ${form.source}`);
}

function duration(value: string | undefined): number {
  if (value === undefined) return 3600;
  const seconds = Number(value);
  if (Number.isInteger(seconds) && seconds >= 900 && seconds <= 43200) return seconds;
  const bound = seconds < 900 ? "greater than or equal to 900" : "less than or equal to 43200";
  throw invalid("durationSeconds", `'${value}'`, `Member must have value ${bound}`);
}

function invalid(member: string, value: string, constraint: string): Refusal {
  return validationError(detected([violation(member, value, constraint)]));
}

export function validationError(message: string): Refusal {
  return new Refusal(400, "ValidationError", message);
}

/**
 * `Status`, which the API server returns instead of an object, with the server's own wording: kubectl prints the message
 * unchanged, and people search for it.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
 */
import type { JsonObject } from "../../../json-value.ts";

const codes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  InternalError: 500,
  Timeout: 504,
};

/** Thrown for every refusal, and caught once, in api.ts. */
export class StatusError extends Error {
  readonly code: number;
  readonly status: JsonObject;

  constructor(reason: keyof typeof codes, message: string, details?: JsonObject) {
    super(message);
    this.name = "StatusError";
    this.code = codes[reason];
    const cause = { message, reason, details, code: this.code };
    this.status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", ...cause };
  }
}

/** A resource, or one object of it if it has a name. */
interface Target {
  readonly resource: { readonly group: string; readonly name: string };
  readonly name: string;
}

export const detailsOf = ({ name, resource }: Target) => ({
  name: name || undefined,
  group: resource.group || undefined,
  kind: resource.name || undefined,
});

const qualified = (name: string, group: string) => (group === "" ? name : `${name}.${group}`);

/** `message` gets the target as the server writes it: `configmaps "aws-auth"`. */
function targeted(reason: keyof typeof codes, target: Target, message: (text: string) => string) {
  const resource = qualified(target.resource.name, target.resource.group);
  const text = target.name === "" ? resource : `${resource} ${JSON.stringify(target.name)}`;
  return new StatusError(reason, message(text), detailsOf(target));
}

export const forbidden = (target: Target, why: string) =>
  targeted("Forbidden", target, (text) => `${text} is forbidden: ${why}`);

export const notFound = (target: Target) => targeted("NotFound", target, (text) => `${text} not found`);

export const alreadyExists = (target: Target) =>
  targeted("AlreadyExists", target, (text) => `${text} already exists`);

export const conflict = (target: Target, why: string) =>
  targeted("Conflict", target, (text) => `Operation cannot be fulfilled on ${text}: ${why}`);

export type StatusCause = Readonly<Record<"reason" | "message" | "field", string>>;

export const required = (field: string, why?: string): StatusCause => ({
  reason: "FieldValueRequired",
  message: why === undefined ? "Required value" : `Required value: ${why}`,
  field,
});

export const invalidValue = (field: string, value: unknown, why: string): StatusCause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  field,
});

/** Unlike the others, `Invalid` names the kind, not the resource. */
export function invalid(
  { group, kind }: { group: string; kind: string },
  name: string,
  causes: readonly StatusCause[],
): StatusError {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const text = texts.length === 1 ? texts.join("") : `[${texts.join(", ")}]`;
  const message = `${qualified(kind, group)} ${JSON.stringify(name)} is invalid: ${text}`;
  return new StatusError("Invalid", message, {
    ...detailsOf({ resource: { group, name: kind }, name }),
    causes,
  });
}

export const badRequest = (message: string) => new StatusError("BadRequest", message);

export const notAcceptable = () =>
  new StatusError("NotAcceptable", "only the following media types are accepted: application/json");

export const unsupportedMediaType = (accepted: readonly string[]) =>
  new StatusError(
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );

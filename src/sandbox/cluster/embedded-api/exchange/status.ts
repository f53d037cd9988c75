/**
 * `Status`, which the API server returns instead of an object, with the server's own wording: kubectl prints the message
 * unchanged, and people search for it.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
 */

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
}

export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** Thrown for every refusal, and caught once, in api.ts. */
export class StatusError extends Error {
  readonly status: Status;
  readonly code: number;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.name = "StatusError";
    this.code = code;
    const cause = { message, reason, ...(details === undefined ? {} : { details }), code };
    this.status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", ...cause };
  }
}

/** A resource, or one object of it if it has a name. */
export interface Target {
  readonly group: string;
  readonly resource: string;
  readonly name: string;
}

const qualified = ({ group, resource }: Target) => (group === "" ? resource : `${resource}.${group}`);
const quoted = (target: Target) =>
  target.name === "" ? qualified(target) : `${qualified(target)} ${JSON.stringify(target.name)}`;

const detailsOf = ({ name, group, resource }: Target): StatusDetails => ({
  ...(name === "" ? {} : { name }),
  ...(group === "" ? {} : { group }),
  ...(resource === "" ? {} : { kind: resource }),
});

export const unauthorized = () => new StatusError(401, "Unauthorized", "Unauthorized");

export const forbidden = (target: Target, why: string) =>
  new StatusError(403, "Forbidden", `${quoted(target)} is forbidden: ${why}`, detailsOf(target));

export const forbiddenPath = (why: string) => new StatusError(403, "Forbidden", `forbidden: ${why}`, {});

export const notFound = (target: Target) =>
  new StatusError(404, "NotFound", `${quoted(target)} not found`, detailsOf(target));

export const alreadyExists = (target: Target) =>
  new StatusError(409, "AlreadyExists", `${quoted(target)} already exists`, detailsOf(target));

export const conflict = (target: Target, why: string) =>
  new StatusError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${quoted(target)}: ${why}`,
    detailsOf(target),
  );

/** Unlike the others, `Invalid` names the kind, not the resource. */
export function invalid(
  { group, kind, name }: { group: string; kind: string; name: string },
  causes: readonly StatusCause[],
): StatusError {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const text = texts.length === 1 ? texts.join("") : `[${texts.join(", ")}]`;
  const qualifiedKind = group === "" ? kind : `${kind}.${group}`;
  return new StatusError(422, "Invalid", `${qualifiedKind} ${JSON.stringify(name)} is invalid: ${text}`, {
    ...detailsOf({ group, resource: kind, name }),
    causes,
  });
}

export const badRequest = (message: string) => new StatusError(400, "BadRequest", message);

export const methodNotAllowed = () =>
  new StatusError(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
    {},
  );

export const notAcceptable = () =>
  new StatusError(406, "NotAcceptable", "only the following media types are accepted: application/json");

export const unsupportedMediaType = (accepted: readonly string[]) =>
  new StatusError(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );

export const requestTooLarge = (why: string) =>
  new StatusError(413, "RequestEntityTooLarge", `Request entity is too large: ${why}`);

export const tooLarge = (asked: number, newest: number) =>
  new StatusError(504, "Timeout", `Timeout: Too large resource version: ${asked}, current: ${newest}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version", field: "" }],
  });

export const expired = (asked: number, oldest: number) =>
  new StatusError(410, "Expired", `too old resource version: ${asked} (${oldest})`);

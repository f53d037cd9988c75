/** Reads JSON from the network without trusting its shape. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses JSON; undefined if it is not JSON. JSON's own null stays null. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Whether Go's encoding/json matches a key with a field: in any case, by simple case folding. The control plane is
 * written in Go and reads its JSON this way.
 */
export function isJsonKey(key: string, field: string): boolean {
  return new RegExp(`^${field}$`, "iu").test(key);
}

/** A member by its name in any case; if there are several, the last one. */
export function jsonMember(value: unknown, field: string): unknown {
  if (!isJsonObject(value)) return undefined;
  return Object.entries(value).findLast(([key]) => isJsonKey(key, field))?.[1];
}

/** Reads JSON from the network without trusting its shape. What narrows a value returns an empty one of the type where it is another. */
import { isObject } from "../foundation/json.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return isObject(value);
}

/**
 * Whether Go's encoding/json matches a key with a field: in any case, by simple case folding. The control plane is
 * written in Go and reads its JSON this way.
 */
function isJsonKey(key: string, field: string): boolean {
  return new RegExp(`^${field}$`, "iu").test(key);
}

/** A member by its name in any case; if there are several, the last one. */
export function jsonMember(value: unknown, field: string): unknown {
  if (!isJsonObject(value)) return undefined;
  return Object.entries(value).findLast(([key]) => isJsonKey(key, field))?.[1];
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function objectIn(parent: JsonObject, field: string): JsonObject {
  const value = parent[field];
  return isJsonObject(value) ? value : {};
}

export function listIn(parent: JsonObject, field: string): readonly unknown[] {
  const value = parent[field];
  return isList(value) ? value : [];
}

export function textIn(parent: JsonObject, field: string): string {
  const value = parent[field];
  return typeof value === "string" ? value : "";
}

export function textsIn(parent: JsonObject, field: string): readonly string[] {
  return listIn(parent, field).filter((item) => typeof item === "string");
}

export function textMapIn(parent: JsonObject, field: string): Readonly<Record<string, string>> {
  const entries = Object.entries(objectIn(parent, field));
  return Object.fromEntries(
    entries.flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
  );
}

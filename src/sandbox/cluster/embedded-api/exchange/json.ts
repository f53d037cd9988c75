/** Reads JSON of unknown shape. Each function narrows a value, or returns an empty value of the requested type. */

import { isJsonObject, type JsonObject } from "../../../json-value.ts";

export { isJsonObject, type JsonObject };

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
  const texts: [string, string][] = [];
  for (const [key, value] of Object.entries(objectIn(parent, field))) {
    if (typeof value === "string") texts.push([key, value]);
  }
  return Object.fromEntries(texts);
}

/** Deep comparison, independent of the order of fields. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (isList(a) && isList(b))
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  if (!isJsonObject(a) || !isJsonObject(b)) return a === b;
  const fields = Object.keys(a);
  if (fields.length !== Object.keys(b).length) return false;
  return fields.every((field) => Object.hasOwn(b, field) && sameJson(a[field], b[field]));
}

/** The plain values that YAML nodes stand for. */
import type { Document, YAMLMap, YAMLSeq } from "yaml";
import { isObject } from "../json.ts";

export function membersOf(map: YAMLMap, document: Document): Readonly<Record<string, unknown>> {
  const value: unknown = map.toJS(document);
  return isObject(value) ? value : {};
}

export function itemsOf(list: YAMLSeq, document: Document): readonly unknown[] {
  const value: unknown = list.toJS(document);
  return Array.isArray(value) ? value : [];
}

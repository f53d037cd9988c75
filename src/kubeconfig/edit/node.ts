/**
 * One node of a kubeconfig, changed where its value shall differ: what stays keeps its text, and with it its comments, its quotes
 * and the type that kubectl sees in it.
 */
import { isDeepStrictEqual } from "node:util";
import { isCollection, isMap, isPair, isScalar, isSeq, type YAMLMap } from "yaml";
import { isObject } from "../../foundation/json.ts";
import { changedBlockList, changedBlockMap } from "./block.ts";
import { changedFlowList, changedFlowMap } from "./flow.ts";
import type { Layout, Replacement } from "./layout.ts";
import type { Content } from "../read/values.ts";

export interface Source {
  text: string;
  layout: Layout;
}

/**
 * @param present what the node means now
 * @returns undefined when the node has to give way as a whole
 */
export function changed(
  source: Source,
  node: unknown,
  present: unknown,
  wanted: unknown,
): Replacement[] | undefined {
  if (present === wanted || isDeepStrictEqual(present, wanted)) return [];
  // Block style is easier to read than what `[]` and `{}` would become.
  if (!isCollection(node) || node.items.length === 0) return undefined;
  if (isMap(node) && isObject(present) && isObject(wanted)) return changedMap(source, node, present, wanted);
  if (isSeq(node) && Array.isArray(present) && Array.isArray(wanted))
    return (node.flow ? changedFlowList : changedBlockList)(source, node, present, wanted);
  return undefined;
}

function changedMap(
  source: Source,
  node: YAMLMap,
  present: Content,
  wanted: Content,
): Replacement[] | undefined {
  // What is merged from elsewhere cannot be changed here.
  if (node.items.some(({ key }) => isScalar(key) && key.source === "<<")) return [];
  return (node.flow ? changedFlowMap : changedBlockMap)(source, node, present, wanted);
}

/** A mapping's key, as text. */
export function keyOf(node: unknown): string {
  if (isPair(node)) return keyOf(node.key);
  return isScalar(node) ? String(node.value) : "";
}

/**
 * Of each item that is wanted, the place of the present one that it stays, or becomes of; the order is kept.
 * A list's items are others when they differ, unless they have one name: no comment goes over to another argument.
 */
export function aligned(
  present: readonly unknown[],
  wanted: readonly unknown[],
): readonly (number | undefined)[] {
  let next = 0;
  return wanted.map((item) => {
    for (let index = next; index < present.length; index++)
      if (isSame(present[index], item)) {
        next = index + 1;
        return index;
      }
    return undefined;
  });
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (isObject(one) && isObject(other) && typeof one["name"] === "string")
    return one["name"] === other["name"];
  return isDeepStrictEqual(one, other);
}

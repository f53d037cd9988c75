/** Aliases (`*NAME`) of a YAML document: where each leads, before anything follows them. */
import { isAlias, isScalar, visit, type Document, type Node } from "yaml";

export interface StrayAlias {
  offset: number;
  problem: "without its anchor" | "within its own anchor";
}

export function strayAlias(document: Document): StrayAlias | undefined {
  const anchors = new Map<string, Node>();
  let stray: StrayAlias | undefined;
  visit(document, {
    Node: (_key, node) => {
      // An anchor that is given again stands for the later node.
      if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
      if (isAlias(node)) stray ??= strayAt(node.range?.[0] ?? 0, anchors.get(node.source));
    },
  });
  return stray;
}

function strayAt(offset: number, target: Node | undefined): StrayAlias | undefined {
  if (!target) return { offset, problem: "without its anchor" };
  const end = isScalar(target) ? 0 : (target.range?.[1] ?? 0);
  return offset < end ? { offset, problem: "within its own anchor" } : undefined;
}

export function hasAliases(document: Document): boolean {
  let found = false;
  visit(document, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

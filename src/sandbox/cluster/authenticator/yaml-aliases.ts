/** How much a document's aliases blow it up: the Go library refuses those that are little else. */
import type { YamlNode } from "./yaml-document.ts";
import { YamlProblem } from "./yaml-problem.ts";

/** Nodes to be read, aliases followed: all of them, and those that are read on behalf of an alias. */
interface Size {
  all: number;
  aliased: number;
}

/** @throws {YamlProblem} when nearly all that would be read is repetition. */
export function checkAliases(root: YamlNode): void {
  const { all, aliased } = sizeOf(root, new Map());
  if (aliased > 100 && all > 1000 && aliased / all > allowedShare(all)) {
    throw new YamlProblem("document contains excessive aliasing");
  }
}

/** 99 % for small documents, 10 % for very large ones, and in between by size. */
function allowedShare(all: number): number {
  const [small, large] = [400_000, 4_000_000];
  const excess = Math.min(Math.max(all - small, 0) / (large - small), 1);
  return 0.99 - 0.89 * excess;
}

function sizeOf(node: YamlNode, known: Map<YamlNode, Size>): Size {
  const before = known.get(node);
  if (before !== undefined) return before;
  const size = measure(node, known);
  known.set(node, size);
  return size;
}

function measure(node: YamlNode, known: Map<YamlNode, Size>): Size {
  if (node.kind === "alias") {
    const { all } = sizeOf(node.target, known);
    return { all: all + 1, aliased: all };
  }
  const parts = node.kind === "sequence" ? node.items : node.kind === "mapping" ? node.pairs.flat() : [];
  return parts
    .map((part) => sizeOf(part, known))
    .reduce((sum, { all, aliased }) => ({ all: sum.all + all, aliased: sum.aliased + aliased }), {
      all: 1,
      aliased: 0,
    });
}

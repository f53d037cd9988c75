/** A kubeconfig's text as it may be shown: layout and comments stay, credentials do not. */
import { isAlias, isMap, isPair, isScalar, isSeq, visit, type Node, type Scalar } from "yaml";
import { keyText, readYaml, type NamedText } from "../read/yaml.ts";
import { endOf, startOf } from "./layout.ts";

const mask = "REDACTED";

/** Wherever they stand: an anchor may hold what a user's entry repeats. */
const secretFields = ["token", "password", "client-key-data"];
/** Under these, every text. Other tools take credentials in args. */
const secretParts = ["auth-provider", "env", "args"];
const urls = ["server", "proxy-url"];

/**
 * @param own the names of users whose args are known to hold no credential
 * @returns the text, and how many values it does not show
 */
export function maskedText(file: NamedText, own: ReadonlySet<string>): { text: string; count: number } {
  const { text } = file;
  const anchors = new Map<string, Node>();
  const secret = new Set<Scalar>();
  visit(readYaml(file).document, {
    Node: (key, node, path) => {
      if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
      if (key === "key") return;
      const value = isAlias(node) ? anchors.get(node.source) : node;
      if (value && isSecret(keysOf(path), value, own, path))
        for (const one of scalarsIn(value)) secret.add(one);
    },
  });
  let shown = "";
  let position = 0;
  for (const scalar of [...secret].sort((one, other) => startOf(one) - startOf(other))) {
    const [start, end] = [startOf(scalar), endOf(scalar)];
    const old = text.slice(start, end);
    const quote = /^["']/.exec(old)?.[0] ?? "";
    shown += text.slice(position, start) + quote + mask + quote + (old.endsWith("\n") ? "\n" : "");
    position = end;
  }
  return { text: shown + text.slice(position), count: secret.size };
}

function keysOf(path: readonly unknown[]): string[] {
  return path.flatMap((step) => (isPair(step) && isScalar(step.key) ? [keyText(step.key)] : []));
}

function isSecret(
  keys: readonly string[],
  value: Node,
  own: ReadonlySet<string>,
  path: readonly unknown[],
): boolean {
  const field = keys.at(-1) ?? "";
  if (secretFields.includes(field)) return true;
  if (urls.includes(field)) return isScalar(value) && String(value.value).includes("@");
  if (keys.includes("args")) return !path.some((step) => isMap(step) && own.has(String(step.get("name"))));
  // An item of env keeps its name, and auth-provider its own.
  return secretParts.some((part) => keys.includes(part)) && field !== "name" && isScalar(value);
}

function scalarsIn(node: unknown): Scalar[] {
  if (isScalar(node)) return node.value === null || node.value === "" ? [] : [node];
  if (isSeq(node)) return node.items.flatMap(scalarsIn);
  return isMap(node) ? node.items.flatMap(({ value }) => scalarsIn(value)) : [];
}

import type { KubernetesObject } from "./object.ts";
import { objectIn, textIn } from "../../../json-value.ts";
import { badRequest } from "../exchange/status.ts";

/**
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
 */
export type Selector = (object: KubernetesObject) => boolean;

export function selector(query: URLSearchParams): Selector {
  const terms = [
    ...splitTerms(query.get("labelSelector") ?? "").map(labelTerm),
    ...splitTerms(query.get("fieldSelector") ?? "").map(fieldTerm),
  ];
  return (object) => terms.every((term) => term(object));
}

/** Splits at commas outside parentheses, in one pass: a client chooses the length of the text. */
function splitTerms(text: string): string[] {
  const commas: number[] = [];
  let isInside = false;
  for (const { 0: sign, index } of text.matchAll(/[(),]/g)) {
    if (sign !== ",") isInside = sign === "(";
    else if (!isInside) commas.push(index);
  }
  const terms = [...commas, text.length].map((end, at) =>
    text.slice(at === 0 ? 0 : (commas[at - 1] ?? 0) + 1, end),
  );
  return terms.map((term) => term.trim()).filter((term) => term !== "");
}

function fieldTerm(text: string): Selector {
  const [, field = "", operator = "", value = ""] = /^([^=!]+)(==?|!=)(.*)$/.exec(text) ?? [];
  const read = fields.get(field);
  if (read === undefined) throw badRequest(unknownField(field === "" ? text : field));
  return (object) => (read(object) === value) === (operator !== "!=");
}

const unknownField = (field: string) =>
  `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;

const fields = new Map<string, (object: KubernetesObject) => string>([
  ["metadata.name", ({ metadata }) => metadata.name],
  ["metadata.namespace", ({ metadata }) => metadata.namespace ?? ""],
  ["status.phase", (object) => textIn(objectIn(object, "status"), "phase")],
  // `kubectl describe` selects the events of an object with these fields.
  ...["kind", "name", "namespace", "uid"].map((field): [string, (object: KubernetesObject) => string] => [
    `involvedObject.${field}`,
    (object) => textIn(objectIn(object, "involvedObject"), field),
  ]),
]);

function labelTerm(text: string): Selector {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text);
  if (set !== null) {
    const [, key = "", operator = "", list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    return isIn(key, values, operator === "in");
  }
  const equality = /^([^\s=!,()]+)\s*(==?|!=)\s*([^\s=!,()]*)$/.exec(text);
  if (equality !== null) {
    const [, key = "", operator = "", value = ""] = equality;
    return isIn(key, [value], operator !== "!=");
  }
  const existence = /^(!?)\s*([^\s=!,()]+)$/.exec(text);
  if (existence === null) throw badRequest(`unable to parse requirement: ${JSON.stringify(text)}`);
  const [, negated = "", key = ""] = existence;
  return (object) => (labelOf(object, key) !== undefined) === (negated === "");
}

/** `notin` and `!=` match an object without the label. */
const isIn =
  (key: string, values: readonly string[], wanted: boolean): Selector =>
  (object) => {
    const label = labelOf(object, key);
    return (label !== undefined && values.includes(label)) === wanted;
  };

function labelOf({ metadata }: KubernetesObject, key: string): string | undefined {
  const labels = metadata.labels ?? {};
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

import { objectIn, textIn } from "../../../json-value.ts";
import { badRequest } from "../exchange/status.ts";
import type { KubernetesObject } from "./object.ts";

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
  const terms = [""];
  let isInside = false;
  for (const part of text.split(/([(),])/)) {
    if (part === "," && !isInside) terms.push("");
    else terms.push(`${terms.pop() ?? ""}${part}`);
    if (part === "(" || part === ")") isInside = part === "(";
  }
  return terms.map((term) => term.trim()).filter((term) => term !== "");
}

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

function fieldTerm(text: string): Selector {
  const [, field = text, operator = "", value = ""] = /^([^=!]+)(==?|!=)(.*)$/.exec(text) ?? [];
  const read = fields.get(field);
  if (read !== undefined && operator !== "")
    return (object) => (read(object) === value) === (operator !== "!=");
  throw badRequest(
    `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

/** `notin`, `!=` and `!` match an object without the label. */
function labelTerm(text: string): Selector {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text);
  const equality = /^([^\s=!,()]+)\s*(==?|!=)\s*([^\s=!,()]*)$/.exec(text);
  const existence = /^(!?)\s*([^\s=!,()]+)$/.exec(text);
  const [, key = "", operator = "", list = ""] = set ?? equality ?? [];
  if (key !== "") {
    const values = list.split(",").map((value) => value.trim());
    const wanted = operator !== "notin" && operator !== "!=";
    return (object) => values.some((value) => labelOf(object, key) === value) === wanted;
  }
  if (existence === null) throw badRequest(`unable to parse requirement: ${JSON.stringify(text)}`);
  const [, negated, label = ""] = existence;
  return (object) => (labelOf(object, label) !== undefined) === (negated === "");
}

function labelOf({ metadata }: KubernetesObject, key: string): string | undefined {
  const labels = metadata.labels ?? {};
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

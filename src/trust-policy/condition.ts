/** Whether a condition of a statement holds for the request. What the IAM user guide does not answer is unknown. */
import { nullOperator, operatorMeant, operatorNamed, type NamedOperator } from "./operators.ts";
import type { Condition } from "./policy.ts";
import type { Given, RequestContext } from "./request.ts";
import { allOf, anyOf, not, type Truth } from "./truth.ts";
import { resolved, type Resolved } from "./variables.ts";

export interface ConditionResult extends Condition {
  holds: Truth;
  /** The request's values; null if it does not have the key, or if that is not known. */
  given: readonly string[] | null;
  /** Why the key has no value, or why the answer is unknown; empty if the values show it. */
  why: string;
}

export function conditionResult(
  condition: Condition,
  context: RequestContext,
  hasVariables: boolean,
): ConditionResult {
  const given = context(condition.key);
  const { holds, why } = evaluated(condition, given, context, hasVariables);
  return { ...condition, holds, given: given.kind === "values" ? given.values : null, why };
}

interface Evaluated {
  holds: Truth;
  why: string;
}

function evaluated(
  { operator: name, values }: Condition,
  given: Given,
  context: RequestContext,
  hasVariables: boolean,
): Evaluated {
  const operator = operatorNamed(name);
  if (!operator && name !== nullOperator) return unknown(unknownOperator(name));
  if (given.kind === "unknown") return unknown(given.why);
  if (values.length === 0) return unknown("the policy has no value for it");
  if (!operator) return isNull(given, values);
  if (given.kind === "absent") return { holds: withoutKey(operator), why: given.why };
  if (!operator.forms.includes(given.form))
    return unknown(`the ${given.form} is not compared as the operator does`);
  const wanted = values.map((value) =>
    resolved(value, { ...operator, inVersion: hasVariables, inOperator: operator.hasVariables }, context),
  );
  return compared(operator, given, wanted);
}

function unknown(why: string): Evaluated {
  return { holds: "unknown", why };
}

function unknownOperator(name: string): string {
  const meant = operatorMeant(name);
  const hint = meant === undefined || meant === name ? "" : `; the guide writes ${meant}`;
  return `the operator is not known${hint}`;
}

/** `true` holds without the key, `false` with it. */
function isNull(given: Given, values: readonly string[]): Evaluated {
  if (given.kind === "values" && given.values.every((value) => value === ""))
    return unknown("whether an empty value is null is not documented");
  const isAbsent = String(given.kind === "absent");
  if (!values.every((value) => value === "true" || value === "false"))
    return unknown("Null is compared with true or false");
  const holds = truthOf(values.some((value) => value === isAbsent));
  return { holds, why: given.kind === "absent" ? given.why : "" };
}

/** The user guide has a sentence for each: negated operators, IfExists, ForAllValues and ForAnyValue. */
function withoutKey({ ifExists, set, isNegated }: NamedOperator): Truth {
  if (ifExists || set === "all") return "yes";
  return set === undefined && isNegated ? "yes" : "no";
}

function compared(
  operator: NamedOperator,
  { values: given, isList = false }: Extract<Given, { kind: "values" }>,
  wanted: readonly Resolved[],
): Evaluated {
  const results = given.map((value) => comparedOne(operator, value, wanted));
  const { set, ifExists } = operator;
  if (set === undefined && !isList) return results[0] ?? unknown("it has no value");
  if (set === undefined) return unknown("a key with several values needs ForAllValues or ForAnyValue");
  // The guide calls an empty text an empty set, too.
  if (given.every((value) => value === "")) return ofEmptySet(set, ifExists);
  const join = set === "all" ? allOf : anyOf;
  const holds = join(results.map((result) => result.holds));
  return { holds, why: results.find((result) => result.holds === holds)?.why ?? "" };
}

function ofEmptySet(set: "all" | "any" | undefined, ifExists: boolean): Evaluated {
  if (set === "all") return { holds: "yes", why: "" };
  return ifExists ? unknown("whether an empty value exists is not documented") : { holds: "no", why: "" };
}

function comparedOne(
  { compare, isNegated }: NamedOperator,
  value: string,
  wanted: readonly Resolved[],
): Evaluated {
  const matches = wanted.map((each): Truth => {
    if (each.kind !== "resolved") return "unknown";
    const matched = compare(value, each.pattern);
    return matched === undefined ? "unknown" : truthOf(matched);
  });
  const unresolved =
    wanted.find((each) => each.kind === "unknown") ?? wanted.find((each) => each.kind === "invalid");
  const isInvalid = wanted.every(({ kind }, index) => kind === "invalid" || matches[index] === "no");
  // A variable without a value matches nothing. What else it makes invalid is not documented.
  if (unresolved?.kind === "invalid" && isInvalid && !isNegated) return { holds: "no", why: unresolved.why };
  if (unresolved) return unknown(unresolved.why);
  const match = anyOf(matches);
  const why = match === "unknown" ? "the values are not of the form that the operator compares" : "";
  return { holds: isNegated ? not(match) : match, why };
}

function truthOf(value: boolean): Truth {
  return value ? "yes" : "no";
}

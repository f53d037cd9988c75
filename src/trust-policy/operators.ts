/** The condition operators of IAM by their names, with IfExists and the set operators. IAM user guide, "Condition operators" and "Set operators". */
import {
  isEqual,
  isEqualIgnoringCase,
  isInRange,
  isLikeArn,
  isLikeText,
  isSameBinary,
  isSameBoolean,
  ofDates,
  ofNumbers,
  type Comparison,
} from "./comparisons.ts";

export interface Operator {
  compare: Comparison;
  /** Holds if no value of the policy matches. */
  isNegated: boolean;
  /** Whether a value of the policy can have variables. */
  hasVariables: boolean;
  hasWildcards: boolean;
  /** The forms of the request's values that it is documented for. */
  forms: readonly ValueForm[];
}

/** Most values are text. Those that are not have no documented spelling. */
export type ValueForm = "text" | "date" | "number" | "address" | "boolean";

export interface NamedOperator extends Operator {
  /** Holds if the request does not have the key. */
  ifExists: boolean;
  /** How several values of the request are joined. */
  set: "all" | "any" | undefined;
}

const text = { hasVariables: true, hasWildcards: false, forms: ["text"] } as const;
const wildcards = { ...text, hasWildcards: true } as const;
const plain = { hasVariables: false, hasWildcards: false } as const;
const number = { ...plain, forms: ["text", "number"] } as const;
const date = { ...plain, forms: ["text", "date", "number"] } as const;

function both(name: string, negated: string, row: Omit<Operator, "isNegated">): [string, Operator][] {
  return [
    [name, { ...row, isNegated: false }],
    [negated, { ...row, isNegated: true }],
  ];
}

function ordered(
  family: string,
  row: Omit<Operator, "isNegated" | "compare">,
  compare: (holds: (sign: number) => boolean) => Comparison,
): [string, Operator][] {
  const one = (name: string, holds: (sign: number) => boolean): [string, Operator] => [
    `${family}${name}`,
    { ...row, compare: compare(holds), isNegated: false },
  ];
  return [
    ...both(`${family}Equals`, `${family}NotEquals`, { ...row, compare: compare((sign) => sign === 0) }),
    one("LessThan", (sign) => sign < 0),
    one("LessThanEquals", (sign) => sign <= 0),
    one("GreaterThan", (sign) => sign > 0),
    one("GreaterThanEquals", (sign) => sign >= 0),
  ];
}

const operators: ReadonlyMap<string, Operator> = new Map([
  ...both("StringEquals", "StringNotEquals", { ...text, compare: isEqual }),
  ...both("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", { ...text, compare: isEqualIgnoringCase }),
  ...both("StringLike", "StringNotLike", { ...wildcards, compare: isLikeText }),
  ...both("ArnEquals", "ArnNotEquals", { ...wildcards, compare: isLikeArn }),
  ...both("ArnLike", "ArnNotLike", { ...wildcards, compare: isLikeArn }),
  ...ordered("Numeric", number, ofNumbers),
  ...ordered("Date", date, ofDates),
  ["Bool", { ...plain, forms: ["text", "boolean"], compare: isSameBoolean, isNegated: false }],
  ["BinaryEquals", { ...plain, forms: ["text"], compare: isSameBinary, isNegated: false }],
  ...both("IpAddress", "NotIpAddress", { ...plain, forms: ["text", "address"], compare: isInRange }),
]);

/** Has no IfExists and no set operator. */
export const nullOperator = "Null";

/** Undefined for a name that the guide does not have. It writes the names in this case. */
export function operatorNamed(name: string): NamedOperator | undefined {
  const [, set, base = "", ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(name) ?? [];
  const operator = operators.get(base);
  return operator && { ...operator, ifExists: ifExists !== undefined, set: setNamed(set) };
}

function setNamed(set: string | undefined): "all" | "any" | undefined {
  if (set === undefined) return undefined;
  return set === "ForAllValues" ? "all" : "any";
}

/** The name in the guide's case, for a message. */
export function operatorMeant(name: string): string | undefined {
  const base = name.replace(/^.*:/, "").replace(/ifexists$/i, "");
  return [...operators.keys(), nullOperator].find((known) => known.toLowerCase() === base.toLowerCase());
}

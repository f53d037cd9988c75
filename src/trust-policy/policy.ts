/**
 * A role's trust policy, parsed into types that cannot be wrong. IAM user guide, "Grammar of the IAM JSON policy language" and "JSON policy
 * element reference". A document that IAM refuses to store is a problem, not a policy.
 */
import { isObject } from "../foundation/json.ts";
import { Malformed, orProblem, type DocumentProblem } from "./json-text.ts";

export interface TrustPolicy {
  /** Policy variables exist since 2012-10-17. */
  hasVariables: boolean;
  statements: readonly Statement[];
}

export interface Statement {
  /** From 1, as people count. */
  number: number;
  sid: string | undefined;
  effect: "Allow" | "Deny";
  principals: Principals;
  /** Whether it is NotAction. */
  isNotAction: boolean;
  /** `sts:AssumeRole`, `sts:*`. */
  actions: readonly string[];
  /** All of them must hold. */
  conditions: readonly Condition[];
}

export interface Principals {
  /** `"*"`, or `{"AWS": "*"}`, which means the same. */
  isEveryone: boolean;
  services: readonly string[];
  /** Accounts, roles, users and sessions. */
  aws: readonly string[];
  /** The others, such as `Federated accounts.google.com`. */
  others: readonly string[];
}

export interface Condition {
  /** As written: `ForAnyValue:StringLike`. */
  operator: string;
  key: string;
  /** One of them must match, or none if the operator is negated. */
  values: readonly string[];
}

/** @param value the document's JSON */
export function trustPolicyIn(value: unknown): TrustPolicy | DocumentProblem {
  return orProblem(() => policyIn(value));
}

function policyIn(value: unknown): TrustPolicy {
  const document = elements(value, "the policy", ["Version", "Id", "Statement"]);
  const { Version: version = "2008-10-17", Id: id = "", Statement: statement } = document;
  if (version !== "2012-10-17" && version !== "2008-10-17")
    throw new Malformed("has a Version other than 2012-10-17 and 2008-10-17");
  if (typeof id !== "string") throw new Malformed("has an Id that is not text");
  if (statement === undefined) throw new Malformed("has no Statement");
  const statements = listOf(statement).map(statementIn);
  const sids = statements.flatMap(({ sid = "" }) => (sid === "" ? [] : [sid]));
  const twice = sids.find((sid, index) => sids.indexOf(sid) < index);
  if (twice !== undefined) throw new Malformed(`has the Sid ${JSON.stringify(twice)} twice`);
  return { hasVariables: version === "2012-10-17", statements };
}

const known = ["Sid", "Effect", "Principal", "Action", "NotAction", "Condition"];

function statementIn(value: unknown, index: number): Statement {
  const number = index + 1;
  const where = `statement ${number}`;
  const statement = elements(value, where, known);
  const { Sid: sid, Effect: effect, Condition: conditions = {} } = statement;
  if (sid !== undefined && typeof sid !== "string")
    throw new Malformed(`has a Sid in ${where} that is not text`);
  // Policies of older generators have an empty Sid in each statement.
  if (sid !== undefined && !/^[0-9A-Za-z]*$/.test(sid))
    throw new Malformed(
      `has the Sid ${JSON.stringify(sid)} in ${where}; IAM accepts only letters and digits in it`,
    );
  if (effect !== "Allow" && effect !== "Deny")
    throw new Malformed(`has no Effect in ${where}; it is Allow or Deny, with a capital letter`);
  return {
    ...{ number, sid, effect },
    principals: principalsIn(statement["Principal"], where),
    isNotAction: "NotAction" in statement,
    actions: actionsIn(statement, where),
    conditions: conditionsIn(conditions, where),
  };
}

/** The elements of a JSON object. A trust policy has no Resource, since it is the role's, and no NotPrincipal. */
function elements(value: unknown, where: string, names: readonly string[]): Record<string, unknown> {
  if (!isObject(value))
    throw new Malformed(
      where === "the policy" ? "is not a JSON object" : `has a ${where} that is not an object`,
    );
  const other = Object.keys(value).find((name) => !names.includes(name));
  if (other === undefined) return value;
  const meant = names.find((name) => name.toLowerCase() === other.toLowerCase());
  const hint = meant === undefined ? "" : `; the element is written ${meant}`;
  throw new Malformed(
    `has the element ${JSON.stringify(other)} in ${where}, which IAM refuses in a trust policy${hint}`,
  );
}

function principalsIn(value: unknown, where: string): Principals {
  if (value === "*") return { isEveryone: true, services: [], aws: [], others: [] };
  if (value === undefined) throw new Malformed(`has no Principal in ${where}`);
  const kinds = ["AWS", "Service", "Federated", "CanonicalUser"];
  if (!isObject(value)) throw new Malformed(`has a Principal in ${where} that is neither "*" nor an object`);
  const unknown = Object.keys(value).find((kind) => !kinds.includes(kind));
  if (unknown !== undefined)
    throw new Malformed(
      `has the Principal ${JSON.stringify(unknown)} in ${where}; IAM knows ${kinds.join(", ")}`,
    );
  const named = Object.entries(value).flatMap(([kind, names]) =>
    textsIn(names, `Principal ${kind}`, where).map((name) => ({ kind, name })),
  );
  if (named.length === 0) throw new Malformed(`has an empty Principal in ${where}`);
  const invalid = named.find(({ kind, name }) => kind === "AWS" && !awsPrincipal.test(name));
  if (invalid)
    throw new Malformed(
      `has the Principal AWS ${JSON.stringify(invalid.name)} in ${where}; it is "*", an account, or the ARN of a role, a user or a session without wildcards`,
    );
  return {
    isEveryone: named.some(({ kind, name }) => kind === "AWS" && name === "*"),
    services: named.filter(({ kind }) => kind === "Service").map(({ name }) => name),
    aws: named.filter(({ kind }) => kind === "AWS").map(({ name }) => name),
    others: named
      .filter(({ kind }) => kind !== "Service" && kind !== "AWS")
      .map(({ kind, name }) => `${kind} ${name}`),
  };
}

/** An account, an ARN, or the ID that IAM writes in place of the ARN of a principal that was deleted. */
const awsPrincipal =
  /^(?:\*|\d{12}|A[A-Z0-9]{15,}|arn:[\w-]+:(?:iam::\d{12}:(?:root|(?:user|role)\/[^*?]+)|sts::\d{12}:(?:assumed-role|federated-user)\/[^*?]+))$/;

function actionsIn(
  { Action: action, NotAction: notAction }: Record<string, unknown>,
  where: string,
): string[] {
  if ((action === undefined) === (notAction === undefined))
    throw new Malformed(
      `has ${action === undefined ? "no Action" : "both Action and NotAction"} in ${where}`,
    );
  const actions = textsIn(action ?? notAction, "Action", where);
  if (actions.length === 0) throw new Malformed(`has an empty Action in ${where}`);
  const bare = actions.find((each) => each !== "*" && !/^[\w-]+:./.test(each));
  if (bare !== undefined)
    throw new Malformed(
      `has the Action ${JSON.stringify(bare)} in ${where}; an action has its service before it: sts:AssumeRole`,
    );
  const foreign = actions.find((each) => each !== "*" && !/^sts:/i.test(each));
  if (foreign === undefined) return actions;
  throw new Malformed(
    `has the Action ${JSON.stringify(foreign)} in ${where}; IAM accepts only actions of STS in a trust policy`,
  );
}

function conditionsIn(value: unknown, where: string): Condition[] {
  if (!isObject(value)) throw new Malformed(`has a Condition in ${where} that is not an object`);
  return Object.entries(value).flatMap(([operator, keys]) => {
    if (!isObject(keys)) throw new Malformed(`has a Condition ${operator} in ${where} that is not an object`);
    return Object.entries(keys).map(([key, values]) => ({
      operator,
      key,
      values: valuesIn(values, operator, where),
    }));
  });
}

function textsIn(value: unknown, what: string, where: string): string[] {
  return listOf(value).map((each) => {
    if (typeof each === "string") return each;
    throw new Malformed(`has a value of ${what} in ${where} that is not text`);
  });
}

/** The quotation marks of numbers and booleans are optional. */
function valuesIn(value: unknown, operator: string, where: string): string[] {
  return listOf(value).map((each) => {
    if (typeof each === "string" || typeof each === "number" || typeof each === "boolean")
      return String(each);
    throw new Malformed(`has a value of ${operator} in ${where} that is not text, a number or a boolean`);
  });
}

/** The brackets around a single value are optional. */
function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

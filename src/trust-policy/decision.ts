/** Whether a trust policy lets Roles Anywhere assume its role. IAM user guide, "Policy evaluation logic": a deny wins, and without an allow it is a deny. */
import { conditionResult, type ConditionResult } from "./condition.ts";
import { isLike, withWildcards } from "./pattern.ts";
import type { Principals, Statement, TrustPolicy } from "./policy.ts";
import {
  requestContext,
  requestedActions,
  rolesAnywhere,
  type RequestContext,
  type RequestedAction,
  type TrustRequest,
} from "./request.ts";
import { allOf, anyOf, type Truth } from "./truth.ts";

export type Verdict = "allowed" | "refused" | "unknown";

export interface StatementResult {
  statement: Statement;
  /** Whether its Principal is Roles Anywhere. */
  principal: Truth;
  /** Those of the requested actions that it names. */
  actions: readonly RequestedAction[];
  conditions: readonly ConditionResult[];
  /** Whether it applies to these actions. */
  matches: Truth;
}

export interface Decision {
  verdict: Verdict;
  actions: Readonly<Record<RequestedAction, Verdict>>;
  statements: readonly StatementResult[];
}

export function decide(policy: TrustPolicy, request: TrustRequest): Decision {
  const context = requestContext(request);
  const statements = policy.statements.map((statement) =>
    statementResult(statement, context, policy.hasVariables),
  );
  const [assume, tag, identify] = requestedActions;
  const of = (action: RequestedAction): Verdict => verdictOn(action, statements);
  const actions = { [assume]: of(assume), [tag]: of(tag), [identify]: of(identify) } as const;
  return { verdict: joined(Object.values(actions)), actions, statements };
}

/** All parts must be allowed. */
export function joined(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("refused")) return "refused";
  return verdicts.includes("unknown") ? "unknown" : "allowed";
}

function verdictOn(action: RequestedAction, statements: readonly StatementResult[]): Verdict {
  const on = statements.filter(({ actions }) => actions.includes(action));
  const byEffect = (effect: Statement["effect"]): Truth =>
    anyOf(on.filter(({ statement }) => statement.effect === effect).map(({ matches }) => matches));
  const [denied, allowed] = [byEffect("Deny"), byEffect("Allow")];
  if (denied === "yes" || allowed === "no") return "refused";
  return denied === "no" && allowed === "yes" ? "allowed" : "unknown";
}

function statementResult(
  statement: Statement,
  context: RequestContext,
  hasVariables: boolean,
): StatementResult {
  const principal = isRolesAnywhere(statement.principals);
  const actions = requestedActions.filter((action) => names(statement, action));
  const conditions = statement.conditions.map((each) => conditionResult(each, context, hasVariables));
  const isNamed = actions.length > 0 ? "yes" : "no";
  const matches = allOf([principal, isNamed, ...conditions.map(({ holds }) => holds)]);
  return { statement, principal, actions, conditions, matches };
}

function isRolesAnywhere({ isEveryone, services }: Principals): Truth {
  if (isEveryone || services.includes(rolesAnywhere)) return "yes";
  // Whether a wildcard is accepted here, and whether the case counts, is not documented.
  return services.some((service) => /[*?]/.test(service) || service.toLowerCase() === rolesAnywhere)
    ? "unknown"
    : "no";
}

/** Names of actions are not case-sensitive, and can have wildcards. */
function names({ actions, isNotAction }: Statement, action: RequestedAction): boolean {
  const isNamed = actions.some((each) => isLike(action.toLowerCase(), withWildcards(each.toLowerCase())));
  return isNamed !== isNotAction;
}

/** Whether a trust policy lets a caller assume its role. IAM user guide, "Policy evaluation logic": a deny wins, and without an allow it is a deny. */
import { tooManyTags } from "../identity/session-identity.ts";
import { conditionResult, type ConditionResult } from "./condition.ts";
import { isLike, withWildcards } from "./pattern.ts";
import type { Principals, Statement, TrustPolicy } from "./policy.ts";
import {
  requestContext,
  requestedActions,
  rolesAnywhere,
  type RequestContext,
  type TrustRequest,
} from "./request.ts";
import { allOf, anyOf, type Truth } from "./truth.ts";

export type Verdict = "allowed" | "refused" | "unknown";

export interface StatementResult {
  statement: Statement;
  /** Whether its Principal is the caller. */
  principal: Truth;
  /** Those of the requested actions that it names. */
  actions: readonly string[];
  conditions: readonly ConditionResult[];
  /** Whether it applies to these actions. */
  matches: Truth;
}

/** Who asks for what. */
export interface Asking {
  /** All are requested at once. */
  actions: readonly string[];
  context: RequestContext;
  isPrincipal: (principals: Principals) => Truth;
  /** As a policy names it, for a message: `Service rolesanywhere.amazonaws.com`. */
  principal: string;
  /** For a message. */
  name: string;
}

export interface Decision {
  verdict: Verdict;
  actions: Readonly<Record<string, Verdict>>;
  statements: readonly StatementResult[];
  caller: Pick<Asking, "principal" | "name">;
  /** What no statement decides, for a message. */
  undecided?: string;
}

/** The request of Roles Anywhere for a certificate. */
export function decide(policy: TrustPolicy, request: TrustRequest): Decision {
  const decision = decideOn(policy, {
    actions: requestedActions,
    context: requestContext(request),
    isPrincipal: isRolesAnywhere,
    principal: `Service ${rolesAnywhere}`,
    name: "Roles Anywhere",
  });
  const tooMany = tooManyTags(request.session);
  return tooMany === undefined ? decision : withoutTags(decision, tooMany);
}

/** What an allowed sts:TagSession does with more tags than STS accepts is not documented. */
function withoutTags(decision: Decision, tooMany: string): Decision {
  if (decision.actions["sts:TagSession"] !== "allowed") return decision;
  const actions = { ...decision.actions, "sts:TagSession": "unknown" as const };
  const undecided = `${tooMany}, and AWS does not document what Roles Anywhere does then`;
  return { ...decision, actions, verdict: joined(Object.values(actions)), undecided };
}

export function decideOn(policy: TrustPolicy, asking: Asking): Decision {
  const statements = policy.statements.map((statement) =>
    statementResult(statement, asking, policy.hasVariables),
  );
  const verdicts = asking.actions.map((action) => [action, verdictOn(action, statements)] as const);
  const verdict = joined(verdicts.map(([, each]) => each));
  return { verdict, actions: Object.fromEntries(verdicts), statements, caller: asking };
}

/** All parts must be allowed. */
export function joined(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("refused")) return "refused";
  return verdicts.includes("unknown") ? "unknown" : "allowed";
}

function verdictOn(action: string, statements: readonly StatementResult[]): Verdict {
  const on = statements.filter(({ actions }) => actions.includes(action));
  const byEffect = (effect: Statement["effect"]): Truth =>
    anyOf(on.filter(({ statement }) => statement.effect === effect).map(({ matches }) => matches));
  const [denied, allowed] = [byEffect("Deny"), byEffect("Allow")];
  if (denied === "yes" || allowed === "no") return "refused";
  return denied === "no" && allowed === "yes" ? "allowed" : "unknown";
}

function statementResult(
  statement: Statement,
  { actions: requested, context, isPrincipal }: Asking,
  hasVariables: boolean,
): StatementResult {
  const principal = isPrincipal(statement.principals);
  const actions = requested.filter((action) => names(statement, action));
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
function names({ actions, isNotAction }: Statement, action: string): boolean {
  const isNamed = actions.some((each) => isLike(action.toLowerCase(), withWildcards(each.toLowerCase())));
  return isNamed !== isNotAction;
}

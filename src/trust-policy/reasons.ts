/** Why a decision is not "allowed", in sentences: the nearest statement, and what kept it from matching. */
import { isLikeSecret, notShown, printable, shown } from "../foundation/shown.ts";
import type { ConditionResult } from "./condition.ts";
import type { Decision, StatementResult } from "./decision.ts";

/** An empty list for "allowed". Reasons of a refusal come alone, since what is unknown does not change it. */
export function reasonsOf(decision: Decision): string[] {
  const { verdict, actions } = decision;
  if (verdict === "allowed") return [];
  const decisive = Object.keys(actions).filter((action) => actions[action] === verdict);
  const reasons = decisive.flatMap((action) =>
    verdict === "refused" ? refusedReasons(action, decisive, decision) : unknownReasons(action, decision),
  );
  return [...new Set(reasons)];
}

function refusedReasons(
  action: string,
  decisive: readonly string[],
  { statements, caller }: Decision,
): string[] {
  const denial = statements.find(
    ({ statement, actions, matches }) =>
      statement.effect === "Deny" && actions.includes(action) && matches === "yes",
  );
  if (denial) return [denialReason(denial, decisive)];
  const nearest = nearestTo(action, statements);
  if (!nearest) return ["the policy has no statement with Effect Allow"];
  return obstacles(nearest, action, caller).map((what) => `${nameOf(nearest)}: ${what}`);
}

function denialReason(denial: StatementResult, decisive: readonly string[]): string {
  const denied = decisive.filter((action) => denial.actions.includes(action)).join(", ");
  const because = denial.conditions.map(conditionText).join("; ");
  return `${nameOf(denial)} denies ${denied}${because === "" ? "" : `: ${because}`}`;
}

/** The Allow with the fewest obstacles. One for another principal or another action is far away. */
function nearestTo(action: string, statements: readonly StatementResult[]): StatementResult | undefined {
  const distance = ({ principal, actions, conditions }: StatementResult): number =>
    Number(principal === "no") * 10_000 +
    Number(!actions.includes(action)) * 100 +
    conditions.filter(({ holds }) => holds === "no").length;
  return statements
    .filter(({ statement }) => statement.effect === "Allow")
    .sort((one, other) => distance(one) - distance(other))[0];
}

function obstacles(
  { principal, statement, actions, conditions }: StatementResult,
  action: string,
  caller: Decision["caller"],
): string[] {
  const { services, aws, others } = statement.principals;
  const named = [
    ...services.map((service) => `Service ${service}`),
    ...aws.map((each) => `AWS ${each}`),
    ...others,
  ].join(", ");
  return [
    ...(principal === "no" ? [`its Principal is ${shown(named)}, not ${caller.principal}`] : []),
    ...(actions.includes(action) ? [] : [`it does not allow ${action}, which ${caller.name} needs`]),
    ...conditions.filter(({ holds }) => holds === "no").map(conditionText),
  ];
}

function unknownReasons(action: string, { statements, caller, undecided }: Decision): string[] {
  const open = statements.filter(({ actions, matches }) => actions.includes(action) && matches === "unknown");
  const reasons = open.flatMap((result) => [
    ...(result.principal === "unknown"
      ? [`${nameOf(result)}: whether its Principal means ${caller.principal} is not documented`]
      : []),
    ...result.conditions
      .filter(({ holds }) => holds === "unknown")
      .map((condition) => `${nameOf(result)}: ${conditionText(condition)}`),
  ]);
  return undecided === undefined ? reasons : [...reasons, undecided];
}

function nameOf({ statement: { number, sid = "" } }: Pick<StatementResult, "statement">): string {
  return sid === "" ? `statement ${number}` : `statement ${number} (${shown(sid)})`;
}

/** `StringEquals aws:PrincipalTag/x509Subject/CN: the request has "bob", the policy has "alice"`. */
function conditionText({ operator, key, values, given, why }: ConditionResult): string {
  const ours = given ?? [];
  const wanted = values.map((value) => spelled(value, ours)).join(" or ") || "nothing";
  const text = given?.map((value) => spelled(value, values)).join(", ");
  return `${word(operator)} ${word(key)}: the request has ${givenText(text, why)}, the policy has ${wanted}`;
}

/** With escapes where another value looks the same. */
function spelled(value: string, others: readonly string[]): string {
  if (!others.some((other) => looksLike(value, other))) return shown(value);
  return shown(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Whether two texts differ in characters outside ASCII alone, such as two spaces, or letters of two scripts. */
function looksLike(one: string, other: string): boolean {
  if (one === other) return false;
  if (one.normalize("NFKC") === other.normalize("NFKC")) return true;
  const [ours, theirs] = [Array.from(one), Array.from(other)];
  const isSimilar = (character: string, at: number): boolean =>
    character === theirs[at] || /[^ -~]/.test(character + (theirs[at] ?? ""));
  return ours.length === theirs.length && ours.every(isSimilar);
}

function givenText(values: string | undefined, why: string): string {
  if (values === undefined || values === "") return `no known value (${why || "none"})`;
  return why === "" ? values : `${values} (${why})`;
}

/** A name in its own place, so without quotes. */
function word(name: string): string {
  return isLikeSecret(name) ? notShown(name) : printable(name);
}

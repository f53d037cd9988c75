/** A list that is lost as a whole: no YAML, or no list. */
import type { CallerIdentity } from "../caller-identity.ts";
import type { EntryList } from "./aws-auth.ts";
import { folded } from "./case-folding.ts";
import { Certainty, type Cause } from "./cause.ts";
import type { YamlProblem } from "../go-yaml/value.ts";
import { principalOf } from "./principal.ts";
import type { Reason } from "./verdict.ts";

export function brokenListCause(list: EntryList, identity: CallerIdentity): Cause | undefined {
  const reason = brokenList(list);
  const certainty = certaintyOf(list, identity);
  if (!reason) return undefined;
  return { ...reason, certainty, place: list.problem ? placeOfProblem(list.name, list.problem) : list.name };
}

/** Undefined for a list that is whole. */
export function brokenList({ name, problem, inPlace, text }: EntryList): Reason | undefined {
  if (problem) return brokenYaml(name, problem, text);
  if (!inPlace) return undefined;
  return {
    code: "MAPPING_NOT_A_LIST",
    why: `${name} is ${inPlace === "map" ? "one mapping" : "one value"} and no list: none of it counts`,
    hint: `Begin each entry of ${name} with a hyphen ("- rolearn: …"), and the whole text with "${name}: |" in the manifest.`,
  };
}

/** For each of the three lists. */
export function brokenYaml(name: string, problem: YamlProblem, text: string): Reason {
  const line = text.split(/\r\n?|\n/)[problem.line - 1] ?? "";
  return {
    code: "MAPPING_BROKEN_YAML",
    why: `${name} is no YAML at its line ${problem.line}, column ${problem.column} (${problem.why}), so the whole list is lost`,
    hint: `${cure(line)} Until then every entry of ${name} is without effect; the other lists are not touched by it.`,
  };
}

export function placeOfProblem(name: string, { line, column }: YamlProblem): string {
  return `${name}, line ${line}, column ${column}`;
}

function cure(line: string): string {
  if (/^\s*\t|-\t/.test(line)) return "Indent with spaces: YAML allows no tab there.";
  if (/:\s+\{\{/.test(line)) return 'Put quotes around the template: username: "{{SessionName}}".';
  if (line.startsWith("%YAML")) return "Take the %YAML line out.";
  return "Mend that line.";
}

/** A list that does not name the identity is the cause only where nothing else is: what it meant, nobody knows. */
function certaintyOf({ text }: EntryList, { canonicalArn }: CallerIdentity): number {
  const written = folded(text);
  const who = principalOf(folded(canonicalArn));
  if (written.includes(folded(canonicalArn))) return Certainty.listWithArn;
  return who && who.name !== "" && written.includes(who.name) ? Certainty.listWithName : Certainty.list;
}

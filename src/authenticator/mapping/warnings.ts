/** The oddities of an entry that maps, and of the rest of aws-auth. */
import type { CallerIdentity } from "../caller-identity.ts";
import { brokenList, type AwsAuth } from "./denial.ts";
import { fieldsNamed, type Entry, placeOf } from "./entry.ts";
import { quoted, type Reason, reason } from "./reasons.ts";
import { type MappingWarning, namesNode, type Pattern, unknownTemplates } from "./user.ts";

/** @param overridden earlier entries for the same ARN */
export function entryWarnings(
  entry: Entry,
  overridden: readonly Entry[],
  identity: CallerIdentity,
): MappingWarning[] {
  const place = placeOf(entry);
  const own = [...username(entry), ...groups(entry)].map((each) => ({ ...each, place }));
  return [
    ...overridden.map((earlier) => overriddenBy(entry, earlier)),
    ...own,
    ...patternWarnings(entry, identity, place),
  ];
}

function overriddenBy(entry: Entry, earlier: Entry): MappingWarning {
  const atRandom = entry.list === "mapUsers" && earlier.arn !== entry.arn;
  const place = placeOf(earlier);
  const code = atRandom ? "MAPPING_AMBIGUOUS" : "MAPPING_OVERRIDDEN";
  return { ...reason(code, { earlier: place, last: placeOf(entry) }), place };
}

function username(entry: Entry): Reason[] {
  if (entry.username !== "") return [];
  const written = fieldsNamed(entry.fields, "username").at(-1)?.value;
  const values =
    written && "source" in written && written.source !== ""
      ? {
          username: `the username ${quoted(written.source)} is not text in YAML`,
          cure: "Put quotes around it.",
        }
      : { username: "the entry has no username", cure: "Add a username to the entry." };
  return [reason("MAPPING_NO_USERNAME", values)];
}

function groups(entry: Entry): Reason[] {
  const written = fieldsNamed(entry.fields, "groups").at(-1)?.value.kind ?? "null";
  if (written !== "list" && written !== "null") return [reason("MAPPING_GROUPS_NOT_A_LIST")];
  if (entry.groups.includes("")) return [reason("MAPPING_GROUP_NOT_TEXT")];
  return entry.groups.length > 0 || written === "list" ? [] : [reason("MAPPING_NO_GROUPS")];
}

export function brokenLists({ roles, users, accounts }: AwsAuth): MappingWarning[] {
  const reasons = [roles, users].flatMap((list) => (list && brokenList(list)) ?? []);
  if (accounts?.problem)
    reasons.push({
      code: "MAPPING_BROKEN_YAML",
      why: `mapAccounts is not YAML at its line ${accounts.problem.line}`,
      hint: "Correct that line.",
    });
  return reasons;
}

export function patternWarnings(pattern: Pattern, identity: CallerIdentity, place: string): MappingWarning[] {
  const unknown = [pattern.username, ...pattern.groups].flatMap(unknownTemplates);
  const part = changingPart(pattern.username, identity);
  const reasons = [
    ...unknown.map((template) => reason("MAPPING_UNKNOWN_TEMPLATE", { template: quoted(template) })),
    ...(namesNode(pattern) ? [reason("MAPPING_NODE_NAME")] : []),
    ...(part ? [reason("MAPPING_CHANGING_USERNAME", { part })] : []),
    ...(pattern.groups.includes("system:masters") ? [reason("MAPPING_SYSTEM_MASTERS")] : []),
  ];
  return reasons.map((each) => ({ ...each, place }));
}

/** A session name that Roles Anywhere derives from a serial number: only hexadecimal digits. */
const serialNumber = /^[\da-f]{16,}$/i;

function changingPart(username: string, { sessionName }: CallerIdentity): string | undefined {
  if (username.includes("{{AccessKeyID}}")) return "the access key id, which changes with each session";
  if (!/\{\{SessionName(?:Raw)?\}\}/.test(username) || !serialNumber.test(sessionName)) return undefined;
  return "the session name, which is the certificate's serial number and changes with each renewal";
}

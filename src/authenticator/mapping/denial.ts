/** Why no entry of aws-auth matches an identity: the most certain cause. */
import type { CallerIdentity } from "../caller-identity.ts";
import { entryToAdd, listFor } from "./entry-to-add.ts";
import {
  type Accounts,
  arnKeys,
  counts,
  type Entry,
  type EntryList,
  type ListName,
  otherList,
  placeOf,
  readEntryList,
  writtenArn,
} from "./entry.ts";
import type { Denied } from "./user.ts";
import { quoted, type Reason, reason, type ReasonCode } from "./reasons.ts";
import { folded, principalOf, type Relation, relationOf, type Wanted, wantedBy } from "./arns.ts";
import type { YamlProblem } from "../go-yaml/read.ts";
import { isWithin } from "../../foundation/edit-distance.ts";

export interface AwsAuth {
  data: Readonly<Record<string, string>>;
  /** Undefined if the ConfigMap has no such key. */
  roles: EntryList | undefined;
  users: EntryList | undefined;
  accounts: Accounts | undefined;
}

export function denial(awsAuth: AwsAuth, identity: CallerIdentity): Denied {
  let surest: Cause | undefined;
  for (const cause of causes(awsAuth, identity))
    if (!surest || cause.certainty < surest.certainty) surest = cause;
  const { place, ...found } = surest?.build() ?? unmapped(awsAuth, identity);
  return { kind: "denied", ...found, ...(place ? { place } : {}), entryToAdd: entryToAdd(identity) };
}

function unmapped({ roles, users, accounts }: AwsAuth, identity: CallerIdentity): PlacedReason {
  const entries = (roles?.entries.length ?? 0) + (users?.entries.length ?? 0) + (accounts?.texts.length ?? 0);
  const code = entries === 0 ? "MAPPING_AWS_AUTH_EMPTY" : "MAPPING_NOT_FOUND";
  return reason(code, { list: listFor(identity), wanted: identity.canonicalArn });
}

type PlacedReason = Reason & { place?: string };

/** One possible cause of a denial. Only the most certain one is put into words. */
interface Cause {
  /** A smaller number is more certain. */
  certainty: number;
  build: () => PlacedReason;
}

/** From the most certain cause to the least certain. */
const order = [
  "same",
  /** A list that the authenticator ignores contains the ARN. */
  "list with ARN",
  "MAPPING_SSO_ENTRY",
  "MAPPING_ARN_WHITE_SPACE",
  "MAPPING_ROLE_PATH",
  "MAPPING_USER_PATH",
  "MAPPING_STS_ARN",
  "MAPPING_WILDCARD",
  "MAPPING_NOT_AN_ARN",
  "MAPPING_ARN_ACCOUNT_FORM",
  "MAPPING_OTHER_KIND",
  /** mapAccounts contains the account in another form. */
  "account",
  "MAPPING_OTHER_PARTITION",
  "list with name",
  "MAPPING_OTHER_ACCOUNT",
  "MAPPING_NEAR_NAME",
  "MAPPING_NEAR_ARN",
  "MAPPING_ACCOUNT_ROOT",
  /** A list that the authenticator ignores, whatever its content. */
  "list",
  "entry without ARN",
] as const;

function certaintyOf(kind: Relation | (typeof order)[number]): number {
  return order.findIndex((each) => each === kind);
}

function* causes(awsAuth: AwsAuth, identity: CallerIdentity): Generator<Cause> {
  const wanted = wantedBy(identity);
  const misspelt = misspeltLists(awsAuth.data, wanted, identity);
  const lists = [awsAuth.roles, awsAuth.users].filter((list) => list !== undefined);
  for (const list of [...lists, ...misspelt]) {
    const isLost = !list.entries.some(counts);
    for (const entry of list.entries) {
      const cause = causeOf(entry, { list, isLost, wanted, identity });
      if (cause) yield cause;
    }
  }
  for (const list of lists) {
    const place = list.problem ? placeOfProblem(list.name, list.problem) : list.name;
    const broken = brokenList(list);
    if (broken) yield { certainty: certaintyOfList(list, wanted), build: () => ({ ...broken, place }) };
  }
  yield* accountCauses(awsAuth.accounts, identity);
  for (const list of misspelt) yield misspeltListCause(list, wanted, identity);
}

// The entries that almost match, each with the reason why it does not.

interface Surroundings {
  list: EntryList;
  isLost: boolean;
  wanted: Wanted;
  identity: CallerIdentity;
}

function causeOf(entry: Entry, around: Surroundings): Cause | undefined {
  const { list, isLost, wanted } = around;
  const cause = (kind: Parameters<typeof certaintyOf>[0], code: ReasonCode): Cause => ({
    certainty: certaintyOf(kind),
    build: () => inWords(code, entry, around),
  });
  if (entry.sso && meansSso(entry, entry.sso, wanted)) return cause("MAPPING_SSO_ENTRY", "MAPPING_SSO_ENTRY");
  const { text, flaw } = writtenArn(entry);
  const relation = relationOf(text, wanted);
  if (!relation) return flaw && isLost ? cause("entry without ARN", flaw) : undefined;
  if (flaw) return cause(relation, flaw);
  if (list.speltAs !== list.name) return cause(relation, "MAPPING_LIST_NAME");
  return relation === "same" ? undefined : cause(relation, relation);
}

function inWords(code: ReasonCode, entry: Entry, { list, wanted }: Surroundings): PlacedReason {
  const place = placeOf(entry, list.speltAs);
  if (code === "MAPPING_LIST_NAME") return { ...misspeltList(list), place };
  const { text, found = "" } = writtenArn(entry);
  const values = {
    list: list.name,
    otherList: otherList(list.name),
    key: arnKeys[list.name],
    otherKey: arnKeys[otherList(list.name)],
    found,
    misspelt: quoted(found),
    written: quoted(text),
    wanted: wanted.arn,
    account: (principalOf(text.trim())?.account ?? "").slice(0, 20),
  };
  return { ...reason(code, values), place };
}

/** An entry with `sso` that would match with the verifier's feature gate SSORoleMatch, which is off by default. */
function meansSso(entry: Entry, sso: NonNullable<Entry["sso"]>, { principal }: Wanted): boolean {
  return (
    counts(entry) &&
    principal?.account === sso.accountId &&
    principal.name.startsWith(folded(`AWSReservedSSO_${sso.permissionSetName}_`))
  );
}

// A list that is unreadable as a whole: not YAML, or not a list.

/** Undefined for a readable list. */
export function brokenList({ name, problem, inPlace, text }: EntryList): Reason | undefined {
  if (problem) return brokenYaml(name, problem, text);
  const found = inPlace === "map" ? "one mapping" : "one value";
  return inPlace && reason("MAPPING_NOT_A_LIST", { list: name, found });
}

/** For each of the three lists. */
function brokenYaml(list: string, { line, column, why }: YamlProblem, text: string): Reason {
  const cure = cureOf(text.split(/\r\n?|\n/)[line - 1] ?? "");
  return reason("MAPPING_BROKEN_YAML", { list, line: `${line}`, column: `${column}`, problem: why, cure });
}

function placeOfProblem(name: string, { line, column }: YamlProblem): string {
  return `${name}, line ${line}, column ${column}`;
}

function cureOf(line: string): string {
  if (/^\s*\t|-\t/.test(line)) return "Indent with spaces, because YAML allows no tab there.";
  if (/:\s+\{\{/.test(line)) return 'Put quotes around the template: username: "{{SessionName}}".';
  if (line.startsWith("%YAML")) return "Remove the %YAML line.";
  return "Correct that line.";
}

/** A list that does not contain the identity is the cause only if there is no other, because its purpose is unknown. */
function certaintyOfList({ text }: EntryList, { folded: arn, principal }: Wanted): number {
  const written = folded(text);
  if (written.includes(arn)) return certaintyOf("list with ARN");
  return certaintyOf(principal?.name && written.includes(principal.name) ? "list with name" : "list");
}

// mapAccounts contains the account, but not as 12 digits in a list.

function* accountCauses(accounts: Accounts | undefined, { account }: CallerIdentity): Generator<Cause> {
  const line = accounts?.text.split(/\r\n?|\n/).find((text) => namesAccount(text, account));
  if (!accounts || line === undefined) return;
  const { kind, problem, text } = accounts;
  const place = problem ? placeOfProblem("mapAccounts", problem) : "mapAccounts";
  const code = kind === "list" ? "MAPPING_ACCOUNT_FORM" : "MAPPING_ACCOUNTS_NOT_A_LIST";
  const found = problem
    ? brokenYaml("mapAccounts", problem, text)
    : reason(code, { account, written: quoted(line.trim()) });
  yield { certainty: certaintyOf("account"), build: () => ({ ...found, place }) };
}

/** With hyphens or spaces between the digits, as a part of an ARN, or without leading zeros. */
function namesAccount(line: string, account: string): boolean {
  if (/^\s*#/.test(line)) return false;
  const digits = line.replaceAll(/(?<=\d)[-_ ,.](?=\d)/g, "").match(/\d+/g) ?? [];
  return digits.some((run) => run === account || (run.length > 5 && run === account.replace(/^0+/, "")));
}

// Lists under names that the authenticator ignores: maproles, mapRole, map_users. The three names are case-sensitive.

const names = ["mapRoles", "mapUsers", "mapAccounts"] as const;

/** mapAccounts is read as a list of entries too, because only its presence matters. */
function misspeltLists(data: AwsAuth["data"], wanted: Wanted, identity: CallerIdentity): EntryList[] {
  return Object.entries(data).flatMap(([key, text]) => {
    if (names.some((name) => name === key)) return [];
    const meant = meantBy(key) ?? (folded(text).includes(wanted.folded) ? listFor(identity) : undefined);
    if (!meant) return [];
    const name: ListName = meant === "mapUsers" ? "mapUsers" : "mapRoles";
    return readEntryList(name, key, text) ?? [];
  });
}

function meantBy(key: string): (typeof names)[number] | undefined {
  const letters = folded(key).replaceAll(/[^a-z]/g, "");
  return names.find((name) => isWithin(letters, folded(name), 2));
}

function misspeltListCause(list: EntryList, wanted: Wanted, { account }: CallerIdentity): Cause {
  const text = folded(list.text);
  const isNamed = text.includes(wanted.folded) || text.includes(account);
  return {
    certainty: certaintyOf(isNamed ? "list with ARN" : "list"),
    build: () => ({ ...misspeltList(list), place: list.speltAs.slice(0, 60) }),
  };
}

function misspeltList({ speltAs, name }: EntryList): Reason {
  return reason("MAPPING_LIST_NAME", { speltAs: quoted(speltAs), meant: meantBy(speltAs) ?? name });
}

/** Why no entry of aws-auth matches an identity: the most certain cause. */
import type { CallerIdentity } from "../caller-identity.ts";
import { type Accounts, type EntryList, readEntryList } from "./aws-auth.ts";
import { entryToAdd, listFor } from "./entry-to-add.ts";
import { placeOf, counts, type Entry, writtenArn, type ListName } from "./entry.ts";
import { type Denied, type Reason, quoted } from "./verdict.ts";
import { folded, principalOf, relationOf, relations, type Relation, relationReason } from "./arns.ts";
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
  const { code, why, hint, place } = causes(awsAuth, identity).reduce(
    (surest, cause) => (cause.certainty < surest.certainty ? cause : surest),
    unmapped(awsAuth, identity),
  );
  return { kind: "denied", code, why, hint, ...(place ? { place } : {}), entryToAdd: entryToAdd(identity) };
}

function causes(awsAuth: AwsAuth, identity: CallerIdentity): Cause[] {
  const misspelt = misspeltLists(awsAuth.data, identity);
  const lists = [awsAuth.roles, awsAuth.users].filter((list) => list !== undefined);
  return [
    ...[...lists, ...misspelt].flatMap((list) => entryCauses(list, identity)),
    ...lists.flatMap((list) => brokenListCause(list, identity) ?? []),
    ...[accountCause(awsAuth.accounts, identity)].filter((cause) => cause !== undefined),
    ...misspelt.map((list) => misspeltListCause(list, identity)),
  ];
}

function unmapped({ roles, users, accounts }: AwsAuth, identity: CallerIdentity): Cause {
  const entries = (roles?.entries.length ?? 0) + (users?.entries.length ?? 0) + (accounts?.texts.length ?? 0);
  if (entries === 0)
    return {
      certainty: Certainty.none,
      code: "MAPPING_AWS_AUTH_EMPTY",
      why: "the ConfigMap aws-auth does not exist or maps no identity",
      hint: `Add the entry to ${listFor(identity)} in the ConfigMap aws-auth of kube-system, or create an access entry for the role.`,
    };
  return {
    certainty: Certainty.none,
    code: "MAPPING_NOT_FOUND",
    why: `no entry of aws-auth is for ${identity.canonicalArn} or similar to it`,
    hint: `Add the entry to ${listFor(identity)} in the ConfigMap aws-auth of kube-system, or create an access entry for it.`,
  };
}

// One possible cause of a denial. The most certain one is reported.

interface Cause extends Reason {
  /** A smaller number is more certain. */
  certainty: number;
  place?: string;
}

const Certainty = {
  /** The ARN is present, letter for letter. */
  exact: 0,
  /** A list that the authenticator ignores contains the ARN. */
  listWithArn: 1,
  /** An entry that resembles the wanted one. The place of the relation in its order is added, at most 20. */
  similar: 10,
  /** mapAccounts contains the account in another form. */
  account: 17.5,
  listWithName: 18.5,
  /** A list that the authenticator ignores, whatever its content. */
  list: 40,
  /** An entry without an ARN. */
  entry: 50,
  none: 60,
} as const;

// The entries that almost match, each with the reason why it does not.

function entryCauses(list: EntryList, identity: CallerIdentity): Cause[] {
  const isLost = !list.entries.some(counts);
  return list.entries.flatMap((entry) => causeOf(entry, list, isLost, identity) ?? []);
}

/** @param isLost no entry of the list counts */
function causeOf(
  entry: Entry,
  list: EntryList,
  isLost: boolean,
  identity: CallerIdentity,
): Cause | undefined {
  const { canonicalArn } = identity;
  const place = placeOf(entry, list.speltAs);
  if (meansSso(entry, canonicalArn)) return { ...ssoReason(), certainty: Certainty.similar, place };
  const { text, flaw } = writtenArn(entry);
  const relation = relationOf(text, canonicalArn);
  if (!relation) return flaw && isLost ? { ...flaw, certainty: Certainty.entry, place } : undefined;
  const certainty = certaintyOf(relation);
  if (flaw) return { ...flaw, certainty, place };
  if (list.speltAs !== list.name) return { ...misspeltList(list), certainty, place };
  if (relation === "same") return undefined;
  return { ...relationReason(relation, text, identity), certainty, place };
}

function certaintyOf(relation: Relation): number {
  return relation === "same" ? Certainty.exact : Certainty.similar + relations.indexOf(relation);
}

/** An entry with `sso` that would match with the verifier's feature gate SSORoleMatch, which is off by default. */
function meansSso(entry: Entry, canonicalArn: string): boolean {
  const who = principalOf(folded(canonicalArn));
  if (!entry.sso || !who || !counts(entry)) return false;
  return (
    who.account === entry.sso.accountId &&
    who.name.startsWith(folded(`AWSReservedSSO_${entry.sso.permissionSetName}_`))
  );
}

function ssoReason(): Pick<Cause, "code" | "why" | "hint"> {
  return {
    code: "MAPPING_SSO_ENTRY",
    why: "the entry names a permission set under sso, which the authenticator ignores: its feature SSORoleMatch is off",
    hint: "Write the role as rolearn, without the path /aws-reserved/sso.amazonaws.com/.",
  };
}

// A list that is unreadable as a whole: not YAML, or not a list.

function brokenListCause(list: EntryList, identity: CallerIdentity): Cause | undefined {
  const reason = brokenList(list);
  const certainty = certaintyOfList(list, identity);
  if (!reason) return undefined;
  return { ...reason, certainty, place: list.problem ? placeOfProblem(list.name, list.problem) : list.name };
}

/** Undefined for a readable list. */
export function brokenList({ name, problem, inPlace, text }: EntryList): Reason | undefined {
  if (problem) return brokenYaml(name, problem, text);
  if (!inPlace) return undefined;
  return {
    code: "MAPPING_NOT_A_LIST",
    why: `${name} is ${inPlace === "map" ? "one mapping" : "one value"}, not a list, so the authenticator ignores all of it`,
    hint: `Begin each entry of ${name} with a hyphen ("- rolearn: …"), and begin the text with "${name}: |" in the manifest.`,
  };
}

/** For each of the three lists. */
function brokenYaml(name: string, problem: YamlProblem, text: string): Reason {
  const line = text.split(/\r\n?|\n/)[problem.line - 1] ?? "";
  return {
    code: "MAPPING_BROKEN_YAML",
    why: `${name} is not YAML at its line ${problem.line}, column ${problem.column} (${problem.why}), so the authenticator ignores the whole list`,
    hint: `${cure(line)} Until then no entry of ${name} has an effect. The other lists are not affected.`,
  };
}

function placeOfProblem(name: string, { line, column }: YamlProblem): string {
  return `${name}, line ${line}, column ${column}`;
}

function cure(line: string): string {
  if (/^\s*\t|-\t/.test(line)) return "Indent with spaces, because YAML allows no tab there.";
  if (/:\s+\{\{/.test(line)) return 'Put quotes around the template: username: "{{SessionName}}".';
  if (line.startsWith("%YAML")) return "Remove the %YAML line.";
  return "Correct that line.";
}

/** A list that does not contain the identity is the cause only if there is no other, because its purpose is unknown. */
function certaintyOfList({ text }: EntryList, { canonicalArn }: CallerIdentity): number {
  const written = folded(text);
  const who = principalOf(folded(canonicalArn));
  if (written.includes(folded(canonicalArn))) return Certainty.listWithArn;
  return who && who.name !== "" && written.includes(who.name) ? Certainty.listWithName : Certainty.list;
}

// mapAccounts contains the account, but not as 12 digits in a list.

function accountCause(accounts: Accounts | undefined, { account }: CallerIdentity): Cause | undefined {
  const line = accounts?.text.split(/\r\n?|\n/).find((text) => namesAccount(text, account));
  if (!accounts || line === undefined) return undefined;
  const certainty = Certainty.account;
  if (accounts.problem)
    return {
      ...brokenYaml("mapAccounts", accounts.problem, accounts.text),
      certainty,
      place: placeOfProblem("mapAccounts", accounts.problem),
    };
  if (accounts.kind === "list") return { ...accountForm(line, account), certainty, place: "mapAccounts" };
  return {
    code: "MAPPING_ACCOUNTS_NOT_A_LIST",
    why: "mapAccounts contains the account but is not a list, so the authenticator ignores it",
    hint: `Write it as a list: - "${account}".`,
    certainty,
    place: "mapAccounts",
  };
}

function accountForm(line: string, account: string): Pick<Cause, "code" | "why" | "hint"> {
  return {
    code: "MAPPING_ACCOUNT_FORM",
    why: `mapAccounts contains the account as ${quoted(line.trim())} instead of its 12 digits`,
    hint: `Write - "${account}", with quotes, without hyphens, and with leading zeros. It must not be an ARN.`,
  };
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
function misspeltLists(data: Readonly<Record<string, string>>, identity: CallerIdentity): EntryList[] {
  return Object.entries(data).flatMap(([key, text]) => {
    if (names.some((name) => name === key)) return [];
    const meant =
      meantBy(key) ?? (folded(text).includes(folded(identity.canonicalArn)) ? listFor(identity) : undefined);
    if (!meant) return [];
    const name: ListName = meant === "mapUsers" ? "mapUsers" : "mapRoles";
    return readEntryList(name, key, text) ?? [];
  });
}

function meantBy(key: string): (typeof names)[number] | undefined {
  const letters = folded(key).replaceAll(/[^a-z]/g, "");
  return names.find((name) => isWithin(letters, folded(name), 2));
}

function misspeltListCause(list: EntryList, identity: CallerIdentity): Cause {
  const text = folded(list.text);
  const named = text.includes(folded(identity.canonicalArn)) || text.includes(identity.account);
  return {
    ...misspeltList(list),
    certainty: named ? Certainty.listWithArn : Certainty.list,
    place: list.speltAs.slice(0, 60),
  };
}

function misspeltList({ speltAs, name }: EntryList): Reason {
  const meant = meantBy(speltAs) ?? name;
  return {
    code: "MAPPING_LIST_NAME",
    why: `aws-auth has ${quoted(speltAs)} instead of ${meant}, and the authenticator ignores a list of that name`,
    hint: `Rename it to ${meant}. The names mapRoles, mapUsers and mapAccounts are case-sensitive.`,
  };
}

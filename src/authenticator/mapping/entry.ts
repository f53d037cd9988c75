/** The lists of aws-auth and their entries, as encoding/json fills them from YAML. (aws-iam-authenticator, pkg/mapper/configmap) */
import { folded } from "./arns.ts";
import {
  readTexts,
  readYaml,
  type TextsReading,
  type YamlField,
  type YamlProblem,
  type YamlValue,
} from "../go-yaml/read.ts";
import { isWithin } from "../../foundation/edit-distance.ts";
import type { ReasonCode } from "./reasons.ts";

export type ListName = "mapRoles" | "mapUsers";

export interface EntryList {
  name: ListName;
  /** The spelling in the ConfigMap, if it differs. The authenticator then ignores the list. */
  speltAs: string;
  text: string;
  entries: readonly Entry[];
  problem?: YamlProblem;
  /** The value instead of a list. */
  inPlace?: Exclude<YamlValue["kind"], "list" | "null">;
}

/** Undefined if the list is missing or empty. */
export function readEntryList(name: ListName, speltAs: string, text = ""): EntryList | undefined {
  if (isEmpty(text)) return undefined;
  const list = { name, speltAs, text, entries: [] };
  if (/^\s*\{/.test(text)) return { ...list, inPlace: "map" };
  const reading = readYaml(text);
  if ("problem" in reading) return { ...list, problem: reading.problem };
  const { value } = reading;
  if (value.kind === "null") return undefined;
  if (value.kind !== "list") return { ...list, inPlace: value.kind };
  return { ...list, entries: value.items.map((item, index) => readEntry(name, item, index + 1)) };
}

export interface Accounts extends TextsReading {
  text: string;
}

export function readAccounts(text = ""): Accounts | undefined {
  return isEmpty(text) ? undefined : { text, ...readTexts(text) };
}

/** Ignored silently: nothing, or a pair of quotes. */
function isEmpty(text: string): boolean {
  return ["", "``", '""', "''"].includes(text.trim());
}

export interface Entry {
  list: ListName;
  number: number;
  /** The line in the list's text; the line of the ARN if there is one. */
  line: number;
  /** Empty if the entry has no effective ARN. */
  arn: string;
  username: string;
  groups: readonly string[];
  /** An `sso` that is not null replaces rolearn. */
  sso: { permissionSetName: string; accountId: string } | undefined;
  /** As written, to find a misspelt one. */
  fields: readonly YamlField[];
  kind: YamlValue["kind"];
  /** The text of an entry that is only a text; otherwise empty. */
  text: string;
}

/** The key of the ARN in the entries of each list. */
export const arnKeys: Readonly<Record<ListName, string>> = { mapRoles: "rolearn", mapUsers: "userarn" };

function readEntry(list: ListName, value: YamlValue, number: number): Entry {
  const fields = value.kind === "map" ? value.fields : [];
  const sso = list === "mapRoles" ? fieldsNamed(fields, "sso").findLast(notNull)?.value : undefined;
  return {
    list,
    number,
    line: fieldsNamed(fields, arnKeys[list]).at(-1)?.line ?? value.line,
    arn: textOf(fields, arnKeys[list]),
    username: textOf(fields, "username"),
    groups: groupsOf(fields),
    sso: sso && ssoOf(sso),
    fields,
    kind: value.kind,
    text: value.kind === "text" ? value.text : "",
  };
}

/** The place of an entry, in words with which a person finds it. */
export function placeOf(entry: Entry, speltAs: string = entry.list): string {
  return `${speltAs.slice(0, 60)}, entry ${entry.number}, line ${entry.line}`;
}

/** aws-iam-authenticator drops the other entries, and uses these. */
export function counts({ list, arn, sso }: Entry): boolean {
  if (list === "mapUsers" || !sso) return arn !== "";
  return arn === "" && /^\d{12}$/.test(sso.accountId) && /^[\w+=,.@-]{1,32}$/.test(sso.permissionSetName);
}

/** encoding/json ignores the case of keys and processes them one after the other. */
export function fieldsNamed(fields: readonly YamlField[], name: string): YamlField[] {
  return fields.filter(({ key }) => folded(key) === name);
}

/** The last text. A value that is not text leaves the field unchanged. */
function textOf(fields: readonly YamlField[], name: string): string {
  return fieldsNamed(fields, name).reduce(
    (text, { value }) => (value.kind === "text" ? value.text : text),
    "",
  );
}

/** A list is decoded over the previous one, element by element. An element that is not text leaves the old element. */
function groupsOf(fields: readonly YamlField[]): string[] {
  let groups: string[] = [];
  for (const { value } of fieldsNamed(fields, "groups")) {
    if (value.kind === "null") groups = [];
    if (value.kind !== "list") continue;
    const before = groups;
    groups = value.items.map((item, index) => (item.kind === "text" ? item.text : (before[index] ?? "")));
  }
  return groups;
}

function ssoOf(value: YamlValue): Entry["sso"] {
  const fields = value.kind === "map" ? value.fields : [];
  return { permissionSetName: textOf(fields, "permissionsetname"), accountId: textOf(fields, "accountid") };
}

function notNull({ value }: YamlField): boolean {
  return value.kind !== "null";
}

// The ARN that an entry contains elsewhere, and why the verifier does not read it there.

export interface WrittenArn {
  text: string;
  /** Undefined if the verifier reads it. */
  flaw?: ReasonCode;
  /** What is there instead, for the words of the flaw. */
  found?: string;
}

export function writtenArn(entry: Entry): WrittenArn {
  const { arn, kind, sso } = entry;
  if (arn !== "") return { text: arn, ...(sso && { flaw: "MAPPING_SSO_BESIDE_ARN" }) };
  if (kind === "map") return underAnyKey(entry);
  const found = kind === "list" ? "a list" : "a value";
  return { text: entry.text.trim(), flaw: "MAPPING_ENTRY_NOT_A_MAPPING", found };
}

function underAnyKey({ list, fields }: Entry): WrittenArn {
  const key = arnKeys[list];
  const own = fieldsNamed(fields, key).findLast(({ value }) => !["text", "null"].includes(value.kind));
  if (own) return { text: firstText(own.value), flaw: "MAPPING_ARN_NOT_TEXT" };
  const other = fieldsNamed(fields, arnKeys[otherList(list)]).at(-1)?.value;
  if (other?.kind === "text") return { text: other.text, flaw: "MAPPING_WRONG_ARN_KEY" };
  const misspelt = fields.find(({ key: written, value }) => {
    const letters = folded(written).replaceAll(/[^a-z]/g, "");
    return value.kind === "text" && (letters.endsWith("arn") || isWithin(letters, key, 2));
  });
  if (!misspelt) return { text: "", flaw: "MAPPING_NO_ARN" };
  const text = firstText(misspelt.value);
  return { text, flaw: "MAPPING_ARN_KEY_MISSPELT", found: misspelt.key };
}

export function otherList(list: ListName): ListName {
  return list === "mapRoles" ? "mapUsers" : "mapRoles";
}

function firstText(value: YamlValue): string {
  if (value.kind === "text") return value.text;
  if (value.kind === "list") return value.items[0] ? firstText(value.items[0]) : "";
  return value.kind === "map" ? (value.fields[0] ? firstText(value.fields[0].value) : "") : value.source;
}

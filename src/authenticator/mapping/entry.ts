/** One entry of mapRoles or mapUsers, as encoding/json fills it from YAML, and what is wrong with it. */
import { folded } from "./case-folding.ts";
import type { YamlField, YamlValue } from "../go-yaml/value.ts";

export type ListName = "mapRoles" | "mapUsers";

export interface Entry {
  list: ListName;
  /** Counts from 1. */
  number: number;
  /** Within the list's text; of the ARN where there is one. */
  line: number;
  /** Empty when there is none that counts. */
  arn: string;
  username: string;
  groups: readonly string[];
  /** A `sso` that is not null: it stands in place of rolearn. */
  sso: SsoMatcher | undefined;
  /** As they are written: to tell a misspelt one. */
  fields: readonly YamlField[];
  /** Not a mapping at all. */
  kind: YamlValue["kind"];
  /** Of an entry that is nothing but a text; else empty. */
  text: string;
}

export interface SsoMatcher {
  permissionSetName: string;
  accountId: string;
}

/** Key of the ARN in the entries of each list. */
export const arnKeys: Readonly<Record<ListName, string>> = { mapRoles: "rolearn", mapUsers: "userarn" };

export function readEntry(list: ListName, value: YamlValue, number: number): Entry {
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

/** aws-iam-authenticator drops the others, and keeps these in force. */
export function counts({ list, arn, sso }: Entry): boolean {
  if (list === "mapUsers" || !sso) return arn !== "";
  return arn === "" && /^\d{12}$/.test(sso.accountId) && /^[\w+=,.@-]{1,32}$/.test(sso.permissionSetName);
}

/** Keys are told apart without regard to case; encoding/json takes them one after the other. */
export function fieldsNamed(fields: readonly YamlField[], name: string): YamlField[] {
  return fields.filter(({ key }) => folded(key) === name);
}

/** The last text; what is no text leaves the field as it was. */
function textOf(fields: readonly YamlField[], name: string): string {
  return fieldsNamed(fields, name).reduce(
    (text, { value }) => (value.kind === "text" ? value.text : text),
    "",
  );
}

/** A list is decoded over the one before it, element by element; an element that is no text leaves what stood there. */
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

function ssoOf(value: YamlValue): SsoMatcher {
  const fields = value.kind === "map" ? value.fields : [];
  return { permissionSetName: textOf(fields, "permissionsetname"), accountId: textOf(fields, "accountid") };
}

function notNull({ value }: YamlField): boolean {
  return value.kind !== "null";
}

/** One entry of mapRoles or mapUsers, as encoding/json fills it from YAML, with its problems. */
import { folded } from "./arns.ts";
import type { YamlField, YamlValue } from "../go-yaml/read.ts";
import { isWithin } from "../../foundation/edit-distance.ts";
import { quoted, type Reason } from "./verdict.ts";

export type ListName = "mapRoles" | "mapUsers";

export interface Entry {
  list: ListName;
  /** Counted from 1. */
  number: number;
  /** The line in the list's text; the line of the ARN if there is one. */
  line: number;
  /** Empty if the entry has no effective ARN. */
  arn: string;
  username: string;
  groups: readonly string[];
  /** An `sso` that is not null replaces rolearn. */
  sso: SsoMatcher | undefined;
  /** As written, to find a misspelt one. */
  fields: readonly YamlField[];
  /** Not a mapping. */
  kind: YamlValue["kind"];
  /** The text of an entry that is only a text; otherwise empty. */
  text: string;
}

export interface SsoMatcher {
  permissionSetName: string;
  accountId: string;
}

/** The key of the ARN in the entries of each list. */
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

function ssoOf(value: YamlValue): SsoMatcher {
  const fields = value.kind === "map" ? value.fields : [];
  return { permissionSetName: textOf(fields, "permissionsetname"), accountId: textOf(fields, "accountid") };
}

function notNull({ value }: YamlField): boolean {
  return value.kind !== "null";
}

// The ARN that an entry contains elsewhere, and why the verifier does not read it there.

export interface WrittenArn {
  /** Empty if there is none. */
  text: string;
  /** Undefined if the verifier reads it. */
  flaw?: Reason;
}

export function writtenArn(entry: Entry): WrittenArn {
  const key = arnKeys[entry.list];
  if (entry.arn !== "" && !entry.sso) return { text: entry.arn };
  if (entry.arn !== "") return { text: entry.arn, flaw: besideSso };
  if (entry.kind !== "map") return { text: entry.text.trim(), flaw: notAMapping(entry.kind) };
  return underOwnKey(entry, key) ?? underOtherKey(entry, key) ?? underMisspeltKey(entry, key) ?? nowhere(key);
}

const besideSso: Reason = {
  code: "MAPPING_SSO_BESIDE_ARN",
  why: "the entry has both sso and rolearn, so the authenticator ignores it",
  hint: "Remove sso from the entry.",
};

function notAMapping(kind: YamlValue["kind"]): Reason {
  return {
    code: "MAPPING_ENTRY_NOT_A_MAPPING",
    why: `an entry is ${kind === "list" ? "a list" : "a value"}, not a mapping with rolearn, username and groups`,
    hint: "Write it in the form of the entry below.",
  };
}

function underOwnKey({ fields }: Entry, key: string): WrittenArn | undefined {
  const found = fieldsNamed(fields, key).findLast(
    ({ value }) => value.kind !== "text" && value.kind !== "null",
  );
  return (
    found && {
      text: firstText(found.value),
      flaw: {
        code: "MAPPING_ARN_NOT_TEXT",
        why: `${key} is a number, a list or a mapping instead of text`,
        hint: `Write one ARN after ${key}. An entry is for one principal.`,
      },
    }
  );
}

function underOtherKey({ list, fields }: Entry, key: string): WrittenArn | undefined {
  const otherList = list === "mapRoles" ? "mapUsers" : "mapRoles";
  const found = arnKeys[otherList];
  const value = fieldsNamed(fields, found).at(-1)?.value;
  if (value?.kind !== "text") return undefined;
  return {
    text: value.text,
    flaw: {
      code: "MAPPING_WRONG_ARN_KEY",
      why: `the entry is in ${list} and has ${found} instead of ${key}, so the authenticator ignores it`,
      hint: `Rename ${found} to ${key}, or move the entry to ${otherList}.`,
    },
  };
}

function underMisspeltKey({ fields }: Entry, key: string): WrittenArn | undefined {
  const field = fields.find(({ key: written, value }) => {
    const letters = folded(written).replaceAll(/[^a-z]/g, "");
    return value.kind === "text" && (letters.endsWith("arn") || isWithin(letters, key, 2));
  });
  return (
    field && {
      text: firstText(field.value),
      flaw: {
        code: "MAPPING_ARN_KEY_MISSPELT",
        why: `the entry has the key ${quoted(field.key)} instead of ${key}, so the authenticator ignores it`,
        hint: `Rename it to ${key}. The case of the letters does not matter.`,
      },
    }
  );
}

function nowhere(key: string): WrittenArn {
  return {
    text: "",
    flaw: {
      code: "MAPPING_NO_ARN",
      why: `an entry has no ${key}, so the authenticator ignores it`,
      hint: `Add a ${key} to it, or remove it.`,
    },
  };
}

function firstText(value: YamlValue): string {
  if (value.kind === "text") return value.text;
  if (value.kind === "list") return value.items[0] ? firstText(value.items[0]) : "";
  return value.kind === "map" ? (value.fields[0] ? firstText(value.fields[0].value) : "") : value.source;
}

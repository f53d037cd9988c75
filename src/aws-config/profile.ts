/** A profile of AWS's config file: how it signs in, and the edit that makes it run credential-process. */
import { shellWords } from "./command-line.ts";
import type { IniFile, Property, Section } from "./ini.ts";

/** Settings with which a profile signs in. AWS SDKs and Tools reference, "Settings reference". */
const signInKeys = [
  "aws_access_key_id",
  "aws_secret_access_key",
  "aws_session_token",
  "aws_security_token",
  "credential_process",
  "credential_source",
  "login_session",
  "role_arn",
  "source_profile",
  "web_identity_token_file",
  "sso_session",
  "sso_start_url",
  "sso_region",
  "sso_account_id",
  "sso_role_name",
];

export type FileKind = "config" | "credentials";

/** Whether a header is that of the profile. In the config file only the default profile needs no `profile` before its name. */
function isOf(header: string, name: string, kind: FileKind): boolean {
  const text = header.trim();
  if (kind === "credentials") return text === name;
  if (name === "default" && text === name) return true;
  const words = shellWords(text);
  return words?.length === 2 && words[0] === "profile" && words[1] === name;
}

export function sectionsOf({ sections }: IniFile, name: string, kind: FileKind): readonly Section[] {
  return sections.filter(({ header }) => isOf(header, name, kind));
}

/** What signs in, other than the wanted command line. */
export function otherSignIns({ properties }: Section, isOwn: (line: string) => boolean): readonly Property[] {
  return properties.filter(
    ({ key, value }) =>
      signInKeys.includes(key) && !(key === "credential_process" && (value === "" || isOwn(value))),
  );
}

export interface Setting {
  key: string;
  value: string;
}

/** Whether an edit has changed what it should, and nothing else. */
export function isAsWanted(
  before: IniFile,
  after: IniFile,
  header: string,
  wanted: { settings: readonly Setting[]; removed: readonly Property[] },
): boolean {
  const expected = new Map(before.sections.map((section) => [section.header, valuesOf(section)]));
  const own = expected.get(header) ?? new Map<string, string>();
  for (const { key } of wanted.removed) own.delete(key);
  for (const { key, value } of wanted.settings) own.set(key, value);
  expected.set(header, own);
  const got = new Map(after.sections.map((section) => [section.header, valuesOf(section)]));
  return (
    [...expected.keys()].every((name) => areSame(expected.get(name), got.get(name))) &&
    got.size === expected.size
  );
}

function valuesOf({ properties }: Section): Map<string, string> {
  return new Map(properties.map(({ key, value }) => [key, value]));
}

function areSame(one: Map<string, string> | undefined, other: Map<string, string> | undefined): boolean {
  return one?.size === other?.size && [...(one ?? [])].every(([key, value]) => other?.get(key) === value);
}

export function headerOf(name: string): string {
  return name === "default" ? name : `profile ${name}`;
}

/** Whether all SDKs read the line as a header of the profile. botocore also reads quotes, more spaces, and any text after the bracket. */
export function isPlainHeader(line: string, name: string): boolean {
  const [, header = ""] = /^\[([^\]]*)\](?:\s+[#;][^]*|\s*)$/.exec(line) ?? [];
  return header === headerOf(name) || header.replace("\t", " ") === `profile ${name}`;
}

/** Sets and removes settings of one section; each other line stays. */
export function editedSection(
  { lines }: IniFile,
  section: Section,
  settings: readonly Setting[],
  removed: readonly Property[],
): string {
  const text = [...lines];
  const end = lineEndOf(text);
  const remove = ({ lines: own }: Property): void => {
    for (const number of own) text[number] = "";
  };
  const added: string[] = [];
  const last = section.properties.at(-1);
  for (const { key, value } of settings) {
    const found = section.properties.find((property) => property.key === key);
    // For some SDKs, a new line after white space belongs to the setting above.
    const line = `${found?.indent ?? ""}${key} = ${value}${end}`;
    if (!found) added.push(line);
    else if (found.value !== value) {
      remove(found);
      text[found.lines[0]] = line;
    }
  }
  const kept = new Set(settings.map(({ key }) => key));
  for (const property of removed) if (!kept.has(property.key)) remove(property);
  insertAfter(text, last?.lines.at(-1) ?? section.line, added, end);
  return text.join("");
}

function insertAfter(text: string[], number: number, added: readonly string[], end: string): void {
  if (added.length === 0) return;
  const line = text[number] ?? "";
  const complete = line === "" || line.endsWith("\n") ? line : `${line}${end}`;
  text[number] = [complete, ...added].join("");
}

/** A new section at the end, after an empty line. */
export function withSection({ lines }: IniFile, name: string, settings: readonly Setting[]): string {
  const end = lineEndOf(lines);
  const header = `[${headerOf(name)}]`;
  const before = lines.join("");
  const gap = before === "" ? "" : before.endsWith("\n") ? end : end + end;
  return (
    before +
    gap +
    [header, ...settings.map(({ key, value }) => `${key} = ${value}`)].map((line) => line + end).join("")
  );
}

function lineEndOf(lines: readonly string[]): string {
  return lines[0]?.endsWith("\r\n") === true ? "\r\n" : "\n";
}

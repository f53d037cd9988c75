/** The ConfigMap aws-auth, as aws-iam-authenticator reads its data. (pkg/mapper/configmap) */
import { type Entry, type ListName, readEntry } from "./entry.ts";
import { readTexts, readYaml, type TextsReading } from "../go-yaml/read.ts";
import type { YamlProblem, YamlValue } from "../go-yaml/value.ts";

export interface EntryList {
  name: ListName;
  /** As it is spelt in the ConfigMap, where that differs: then nobody reads it. */
  speltAs: string;
  text: string;
  entries: readonly Entry[];
  /** The list is lost as a whole. */
  problem?: YamlProblem;
  /** What stands there in place of a list. */
  inPlace?: Exclude<YamlValue["kind"], "list" | "null">;
}

/** Undefined when it is absent, or holds nothing. */
export function readEntryList(
  name: ListName,
  speltAs: string,
  text: string | undefined,
): EntryList | undefined {
  if (text === undefined || isEmpty(text)) return undefined;
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

export function readAccounts(text: string | undefined): Accounts | undefined {
  return text === undefined || isEmpty(text) ? undefined : { text, ...readTexts(text) };
}

/** Skipped without a word: nothing, or a pair of quotes. */
function isEmpty(text: string): boolean {
  return ["", "``", '""', "''"].includes(text.trim());
}

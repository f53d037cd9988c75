/** The ConfigMap aws-auth, as aws-iam-authenticator reads its data. (pkg/mapper/configmap) */
import { type Entry, type ListName, readEntry } from "./entry.ts";
import { readTexts, readYaml, type TextsReading } from "../go-yaml/read.ts";
import type { YamlProblem, YamlValue } from "../go-yaml/read.ts";

export interface EntryList {
  name: ListName;
  /** The spelling in the ConfigMap, if it differs. The authenticator then ignores the list. */
  speltAs: string;
  text: string;
  entries: readonly Entry[];
  /** The whole list is unreadable. */
  problem?: YamlProblem;
  /** The value instead of a list. */
  inPlace?: Exclude<YamlValue["kind"], "list" | "null">;
}

/** Undefined if the list is missing or empty. */
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

/** Ignored silently: nothing, or a pair of quotes. */
function isEmpty(text: string): boolean {
  return ["", "``", '""', "''"].includes(text.trim());
}

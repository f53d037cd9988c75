/** Lists under a name that nobody reads: maproles, mapRole, map_users. The three names are case-sensitive. */
import type { CallerIdentity } from "../caller-identity.ts";
import { readEntryList, type EntryList } from "./aws-auth.ts";
import { folded } from "./case-folding.ts";
import { Certainty, type Cause } from "./cause.ts";
import { editDistance } from "../../foundation/edit-distance.ts";
import type { ListName } from "./entry.ts";
import { listFor } from "./entry-to-add.ts";
import { quoted } from "./place.ts";
import type { Reason } from "./verdict.ts";

const names = ["mapRoles", "mapUsers", "mapAccounts"] as const;

/** mapAccounts too is read as a list of entries: what matters is that it is there. */
export function misspeltLists(data: Readonly<Record<string, string>>, identity: CallerIdentity): EntryList[] {
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
  return names.find((name) => editDistance(letters, folded(name)) <= 2);
}

export function misspeltListCause(list: EntryList, identity: CallerIdentity): Cause {
  const text = folded(list.text);
  const named = text.includes(folded(identity.canonicalArn)) || text.includes(identity.account);
  return {
    ...misspeltList(list),
    certainty: named ? Certainty.listWithArn : Certainty.list,
    place: list.speltAs.slice(0, 60),
  };
}

export function misspeltList({ speltAs, name }: EntryList): Reason {
  const meant = meantBy(speltAs) ?? name;
  return {
    code: "MAPPING_LIST_NAME",
    why: `aws-auth has ${quoted(speltAs)} where ${meant} is meant: nobody reads a list of that name`,
    hint: `Rename it to ${meant}. The names mapRoles, mapUsers and mapAccounts are case-sensitive.`,
  };
}

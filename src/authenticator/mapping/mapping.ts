/** Maps an AWS identity to a Kubernetes user, as aws-iam-authenticator does with the ConfigMap aws-auth. */
import type { CallerIdentity } from "../caller-identity.ts";
import { folded } from "./arns.ts";
import { denial, type AwsAuth } from "./denial.ts";
import {
  type Accounts,
  counts,
  type Entry,
  type EntryList,
  placeOf,
  readAccounts,
  readEntryList,
} from "./entry.ts";
import { entryToAdd } from "./entry-to-add.ts";
import { reason } from "./reasons.ts";
import { type Denied, lacksInstance, type Mapped, mappedUser } from "./user.ts";
import { brokenLists, entryWarnings } from "./warnings.ts";

/**
 * Checks mapRoles first, then mapUsers, then mapAccounts. Broken entries are ignored.
 *
 * @param awsAuth the ConfigMap's data
 */
export function mapIdentity(
  awsAuth: Readonly<Record<string, string>>,
  identity: CallerIdentity,
): Mapped | Denied {
  const read: AwsAuth = {
    data: awsAuth,
    roles: readEntryList("mapRoles", "mapRoles", awsAuth["mapRoles"]),
    users: readEntryList("mapUsers", "mapUsers", awsAuth["mapUsers"]),
    accounts: readAccounts(awsAuth["mapAccounts"]),
  };
  const matching = matchingEntries(read.roles, identity) ?? matchingEntries(read.users, identity);
  const last = matching?.at(-1);
  if (matching && last) return byEntry(last, matching.slice(0, -1), read, identity);
  if (read.accounts?.texts.includes(identity.account)) return byAccount(read.accounts, read, identity);
  return denial(read, identity);
}

function matchingEntries(
  list: EntryList | undefined,
  { canonicalArn }: CallerIdentity,
): readonly Entry[] | undefined {
  const wanted = folded(canonicalArn);
  const matching = list?.entries.filter((entry) => counts(entry) && folded(entry.arn) === wanted);
  return matching?.length ? matching : undefined;
}

function byEntry(
  entry: Entry,
  overridden: readonly Entry[],
  read: AwsAuth,
  identity: CallerIdentity,
): Mapped | Denied {
  const place = placeOf(entry);
  if (lacksInstance(entry, identity)) {
    const found = reason("MAPPING_NEEDS_INSTANCE", { session: identity.sessionName });
    return { kind: "denied", ...found, place, entryToAdd: entryToAdd(identity) };
  }
  return {
    kind: "mapped",
    by: entry.list,
    place,
    user: mappedUser(entry, identity),
    warnings: [...entryWarnings(entry, overridden, identity), ...brokenLists(read)],
  };
}

function byAccount(accounts: Accounts, read: AwsAuth, identity: CallerIdentity): Mapped {
  const line = accounts.text.split("\n").findIndex((text) => text.includes(identity.account)) + 1;
  return {
    kind: "mapped",
    by: "mapAccounts",
    place: line > 0 ? `mapAccounts, line ${line}` : "mapAccounts",
    user: mappedUser({ username: identity.canonicalArn, groups: [] }, identity),
    warnings: brokenLists(read),
  };
}

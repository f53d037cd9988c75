/** Maps an AWS identity to a Kubernetes user, as aws-iam-authenticator does with the ConfigMap aws-auth. */
import type { CallerIdentity } from "../caller-identity.ts";
import { readAccounts, readEntryList, type Accounts, type EntryList } from "./aws-auth.ts";
import { sameFolded } from "./arns.ts";
import { denial, type AwsAuth } from "./denial.ts";
import { counts, type Entry, placeOf } from "./entry.ts";
import { entryToAdd } from "./entry-to-add.ts";
import { type Denied, type Mapped } from "./verdict.ts";
import { lacksInstance, nodeNameTemplate, mappedUser } from "./user.ts";
import { brokenLists, entryWarnings } from "./warnings.ts";

export type { Denied, Mapped, MappedUser, MappingWarning } from "./verdict.ts";

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
  if (matching) return byEntry(matching, read, identity);
  if (read.accounts?.texts.includes(identity.account)) return byAccount(read.accounts, read, identity);
  return denial(read, identity);
}

interface Matching {
  list: EntryList;
  /** The effective entry: the last one. */
  entry: Entry;
  overridden: readonly Entry[];
}

function matchingEntries(
  list: EntryList | undefined,
  { canonicalArn }: CallerIdentity,
): Matching | undefined {
  const matching =
    list?.entries.filter((entry) => counts(entry) && sameFolded(entry.arn, canonicalArn)) ?? [];
  const entry = matching.at(-1);
  return list && entry && { list, entry, overridden: matching.slice(0, -1) };
}

function byEntry(
  { list, entry, overridden }: Matching,
  read: AwsAuth,
  identity: CallerIdentity,
): Mapped | Denied {
  if (lacksInstance(entry, identity)) return needsInstance(entry, identity);
  return {
    kind: "mapped",
    by: list.name,
    place: placeOf(entry),
    user: mappedUser(entry, identity),
    warnings: entryWarnings({ entry, overridden, read, identity }),
  };
}

function needsInstance(entry: Entry, identity: CallerIdentity): Denied {
  return {
    kind: "denied",
    code: "MAPPING_NEEDS_INSTANCE",
    why: `the matching entry names its user after an EC2 instance (${nodeNameTemplate}), and the session "${identity.sessionName}" is not one`,
    hint: "Such entries are for nodes. Map people with another role, or remove the template from this entry.",
    place: placeOf(entry),
    entryToAdd: entryToAdd(identity),
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

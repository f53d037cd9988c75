/** Why no entry of aws-auth matches an identity: the surest cause of all that can be found. */
import type { CallerIdentity } from "../caller-identity.ts";
import { accountCauses } from "./account-causes.ts";
import type { Accounts, EntryList } from "./aws-auth.ts";
import { brokenListCause } from "./broken-list.ts";
import { Certainty, type Cause } from "./cause.ts";
import { entryCauses } from "./entry-causes.ts";
import { entryToAdd, listFor } from "./entry-to-add.ts";
import { misspeltListCause, misspeltLists } from "./misspelt-lists.ts";
import type { Denied } from "./verdict.ts";

export interface AwsAuth {
  data: Readonly<Record<string, string>>;
  /** Undefined where the ConfigMap holds nothing under the name. */
  roles: EntryList | undefined;
  users: EntryList | undefined;
  accounts: Accounts | undefined;
}

export function denial(awsAuth: AwsAuth, identity: CallerIdentity): Denied {
  const [surest = unmapped(awsAuth, identity)] = causes(awsAuth, identity).sort(
    (one, other) => one.certainty - other.certainty,
  );
  const { code, why, hint, place } = surest;
  return { kind: "denied", code, why, hint, ...(place ? { place } : {}), entryToAdd: entryToAdd(identity) };
}

function causes(awsAuth: AwsAuth, identity: CallerIdentity): Cause[] {
  const misspelt = misspeltLists(awsAuth.data, identity);
  const lists = [awsAuth.roles, awsAuth.users].filter((list) => list !== undefined);
  return [
    ...[...lists, ...misspelt].flatMap((list) => entryCauses(list, identity)),
    ...lists.flatMap((list) => brokenListCause(list, identity) ?? []),
    ...accountCauses(awsAuth.accounts, identity),
    ...misspelt.map((list) => misspeltListCause(list, identity)),
  ];
}

function unmapped({ roles, users, accounts }: AwsAuth, identity: CallerIdentity): Cause {
  const entries = (roles?.entries.length ?? 0) + (users?.entries.length ?? 0) + (accounts?.texts.length ?? 0);
  if (entries === 0)
    return {
      certainty: Certainty.none,
      code: "MAPPING_AWS_AUTH_EMPTY",
      why: "the ConfigMap aws-auth is absent or maps nobody",
      hint: `Add the entry to ${listFor(identity)} in the ConfigMap aws-auth of kube-system, or create an access entry for the role.`,
    };
  return {
    certainty: Certainty.none,
    code: "MAPPING_NOT_FOUND",
    why: `no entry of aws-auth is for ${identity.canonicalArn}, and none is like it`,
    hint: `Add the entry to ${listFor(identity)} in the ConfigMap aws-auth of kube-system, or create an access entry for it.`,
  };
}

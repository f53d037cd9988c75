/**
 * EKS access entries, the successor of aws-auth. Unlike aws-auth, a principal ARN carries the role's path, and the
 * groups are exactly those of the entry. (EKS user guide, "Create access entries"; EKS API, AccessEntry)
 */
import type { AccessEntry } from "../../aws/eks/access-entries.ts";
import type { CallerIdentity } from "../caller-identity.ts";
import { folded } from "./case-folding.ts";
import { accessEntryToAdd } from "./entry-to-add.ts";
import { patternWarnings } from "./pattern-warnings.ts";
import { quoted } from "./place.ts";
import { principalOf } from "./principal.ts";
import { relationOf } from "./relation.ts";
import { instanceId, nodeNameTemplate } from "./template.ts";
import { mappedUser } from "./user.ts";
import type { Denied, Mapped } from "./verdict.ts";

export function mapByAccessEntry(entry: AccessEntry, identity: CallerIdentity): Mapped | Denied {
  if (!isFor(entry, identity)) return noAccessEntry([entry], identity);
  const pattern = {
    username: entry.username || defaultUsername(identity),
    groups: entry.kubernetesGroups,
  };
  const place = placeOf(entry);
  const namesNode = [pattern.username, ...pattern.groups].some((text) => text.includes(nodeNameTemplate));
  if (namesNode && !instanceId.test(identity.sessionName)) return forNodes(entry, identity);
  const warnings = patternWarnings(pattern, identity, place);
  return { kind: "mapped", by: "access-entry", place, user: mappedUser(pattern, identity), warnings };
}

/** Role ARNs compare without the path, which STS does not tell; user ARNs with it. */
export function isFor({ principalArn }: AccessEntry, { canonicalArn }: CallerIdentity): boolean {
  const principal = principalOf(principalArn);
  if (principal?.type !== "role") return folded(principalArn) === folded(canonicalArn);
  const { partition, account, name } = principal;
  return folded(`arn:${partition}:iam::${account}:role/${name}`) === folded(canonicalArn);
}

/** None of the entries is for the identity. */
export function noAccessEntry(entries: readonly AccessEntry[], identity: CallerIdentity): Denied {
  const near = entries.find(({ principalArn }) => relationOf(principalArn, identity.canonicalArn));
  return {
    kind: "denied",
    code: near ? "MAPPING_NEAR_ACCESS_ENTRY" : "MAPPING_NO_ACCESS_ENTRY",
    why: near
      ? `no access entry is for ${identity.canonicalArn}; the nearest is for ${quoted(near.principalArn)}`
      : `no access entry of the cluster is for ${identity.canonicalArn}`,
    hint: "Create one with aws eks create-access-entry, with the role's ARN as IAM shows it: with its path. A role that was deleted and created anew needs a new access entry.",
    ...(near ? { place: placeOf(near) } : {}),
    entryToAdd: accessEntryToAdd(identity),
  };
}

/** A session's ARN with the session's name left open; of a user, the ARN. */
function defaultUsername({ canonicalArn }: CallerIdentity): string {
  const principal = principalOf(canonicalArn);
  if (principal?.type !== "role") return canonicalArn;
  const { partition, account, name } = principal;
  return `arn:${partition}:sts::${account}:assumed-role/${name}/{{SessionName}}`;
}

function forNodes(entry: AccessEntry, identity: CallerIdentity): Denied {
  return {
    kind: "denied",
    code: "MAPPING_ACCESS_ENTRY_FOR_NODES",
    why: `the access entry, of type ${entry.type.slice(0, 40)}, names its user after an EC2 instance, and the session is none`,
    hint: "Sign in with a role that is no node's, and create an access entry of type STANDARD for it.",
    place: placeOf(entry),
    entryToAdd: accessEntryToAdd(identity),
  };
}

function placeOf({ principalArn }: AccessEntry): string {
  return `access entry ${principalArn.slice(0, 200)}`;
}

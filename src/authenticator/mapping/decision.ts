/** Which sources decide: the cluster's access entries, the ConfigMap aws-auth, or both. (EKS API, authenticationMode) */
import type { AccessEntry } from "../../aws/eks/access-entries.ts";
import type { CallerIdentity } from "../caller-identity.ts";
import type { AuthenticationMode } from "../../aws/eks/describe-cluster.ts";
import { mapIdentity } from "./mapping.ts";
import { type Denied, type Mapped, type MappingWarning, quoted } from "./verdict.ts";
import { folded, principalOf, relationOf } from "./arns.ts";
import { accessEntryToAdd } from "./entry-to-add.ts";
import { patternWarnings } from "./warnings.ts";
import { lacksInstance, mappedUser } from "./user.ts";

/** Access entries win over the ConfigMap for the same principal. In mode API the ConfigMap is not read. */
export function decide(
  mode: AuthenticationMode,
  entries: readonly AccessEntry[],
  awsAuth: Readonly<Record<string, string>>,
  identity: CallerIdentity,
): Mapped | Denied {
  if (mode === "CONFIG_MAP") return mapIdentity(awsAuth, identity);
  const entry = entries.find((candidate) => isFor(candidate, identity));
  if (entry) return warnedOfConfigMap(mapByAccessEntry(entry, identity), mapIdentity(awsAuth, identity));
  const byConfigMap = mapIdentity(awsAuth, identity);
  if (mode === "API_AND_CONFIG_MAP") return byConfigMap;
  const denied = noAccessEntry(entries, identity);
  return byConfigMap.kind === "mapped" ? inConfigMapAlone(denied, byConfigMap) : denied;
}

function warnedOfConfigMap(byEntry: Mapped | Denied, byConfigMap: Mapped | Denied): Mapped | Denied {
  if (byEntry.kind === "denied" || byConfigMap.kind === "denied") return byEntry;
  const warning: MappingWarning = {
    code: "MAPPING_ACCESS_ENTRY_WINS",
    why: "aws-auth maps the identity too, but the access entry wins",
    hint: "Remove the entry from aws-auth, because a change of it has no effect.",
    place: byConfigMap.place,
  };
  return { ...byEntry, warnings: [...byEntry.warnings, warning] };
}

function inConfigMapAlone(denied: Denied, { place }: Mapped): Denied {
  return {
    ...denied,
    code: "MAPPING_CONFIG_MAP_NOT_READ",
    why: "aws-auth maps the identity, but the cluster does not read it: its authenticationMode is API",
    hint: "Create an access entry for the role. The mode cannot be changed back.",
    place,
  };
}

// EKS access entries, the successor of aws-auth. Unlike in aws-auth, a principal ARN contains the role's path, and the
// groups are exactly those of the entry. (EKS user guide, "Create access entries"; EKS API, AccessEntry)

export function mapByAccessEntry(entry: AccessEntry, identity: CallerIdentity): Mapped | Denied {
  if (!isFor(entry, identity)) return noAccessEntry([entry], identity);
  const pattern = {
    username: entry.username || defaultUsername(identity),
    groups: entry.kubernetesGroups,
  };
  const place = placeOf(entry);
  if (lacksInstance(pattern, identity)) return forNodes(entry, identity);
  const warnings = patternWarnings(pattern, identity, place);
  return { kind: "mapped", by: "access-entry", place, user: mappedUser(pattern, identity), warnings };
}

/** Role ARNs are compared without the path, which STS does not return; user ARNs with it. */
export function isFor({ principalArn }: AccessEntry, { canonicalArn }: CallerIdentity): boolean {
  const principal = principalOf(principalArn);
  if (principal?.type !== "role") return folded(principalArn) === folded(canonicalArn);
  const { partition, account, name } = principal;
  return folded(`arn:${partition}:iam::${account}:role/${name}`) === folded(canonicalArn);
}

/** No entry is for the identity. */
export function noAccessEntry(entries: readonly AccessEntry[], identity: CallerIdentity): Denied {
  const near = entries.find(({ principalArn }) => relationOf(principalArn, identity.canonicalArn));
  return {
    kind: "denied",
    code: near ? "MAPPING_NEAR_ACCESS_ENTRY" : "MAPPING_NO_ACCESS_ENTRY",
    why: near
      ? `no access entry is for ${identity.canonicalArn}; the nearest is for ${quoted(near.principalArn)}`
      : `no access entry of the cluster is for ${identity.canonicalArn}`,
    hint: "Create one with aws eks create-access-entry and the role's ARN from IAM, with its path. A role that was deleted and created again needs a new access entry.",
    ...(near ? { place: placeOf(near) } : {}),
    entryToAdd: accessEntryToAdd(identity),
  };
}

/** A session's ARN with a placeholder for the session's name; for a user, the ARN. */
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
    why: `the access entry, of type ${entry.type.slice(0, 40)}, names its user after an EC2 instance, and the session is not one`,
    hint: "Sign in with a role that is not for nodes, and create an access entry of type STANDARD for it.",
    place: placeOf(entry),
    entryToAdd: accessEntryToAdd(identity),
  };
}

function placeOf({ principalArn }: AccessEntry): string {
  return `access entry ${principalArn.slice(0, 200)}`;
}

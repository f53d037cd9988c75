/** Which sources decide: the cluster's access entries, the ConfigMap aws-auth, or both. (EKS API, authenticationMode) */
import type { AccessEntry } from "../../aws/eks/access-entry.ts";
import type { CallerIdentity } from "../caller-identity.ts";
import type { AuthenticationMode } from "../../aws/eks/describe-cluster.ts";
import { mapIdentity } from "./mapping.ts";
import { quoted, reason } from "./reasons.ts";
import { folded, principalOf, relationOf, wantedBy } from "./arns.ts";
import { accessEntryToAdd } from "./entry-to-add.ts";
import { patternWarnings } from "./warnings.ts";
import { type Denied, lacksInstance, type Mapped, mappedUser } from "./user.ts";

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
  if (byConfigMap.kind === "denied") return denied;
  return { ...denied, ...reason("MAPPING_CONFIG_MAP_NOT_READ"), place: byConfigMap.place };
}

function warnedOfConfigMap(byEntry: Mapped | Denied, byConfigMap: Mapped | Denied): Mapped | Denied {
  if (byEntry.kind === "denied" || byConfigMap.kind === "denied") return byEntry;
  const warning = { ...reason("MAPPING_ACCESS_ENTRY_WINS"), place: byConfigMap.place };
  return { ...byEntry, warnings: [...byEntry.warnings, warning] };
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
  if (lacksInstance(pattern, identity)) {
    const found = reason("MAPPING_ACCESS_ENTRY_FOR_NODES", { type: entry.type.slice(0, 40) });
    return { kind: "denied", ...found, place, entryToAdd: accessEntryToAdd(identity) };
  }
  const warnings = patternWarnings(pattern, identity, place);
  return { kind: "mapped", by: "access-entry", place, user: mappedUser(pattern, identity), warnings };
}

/** Role ARNs are compared without the path, which STS does not return; user ARNs with it. */
function isFor({ principalArn }: AccessEntry, { canonicalArn }: CallerIdentity): boolean {
  const principal = principalOf(principalArn);
  if (principal?.type !== "role") return folded(principalArn) === folded(canonicalArn);
  const { partition, account, name } = principal;
  return folded(`arn:${partition}:iam::${account}:role/${name}`) === folded(canonicalArn);
}

/** No entry is for the identity. */
function noAccessEntry(entries: readonly AccessEntry[], identity: CallerIdentity): Denied {
  const wanted = wantedBy(identity);
  const near = entries.find(({ principalArn }) => relationOf(principalArn, wanted));
  const code = near ? "MAPPING_NEAR_ACCESS_ENTRY" : "MAPPING_NO_ACCESS_ENTRY";
  const values = { wanted: wanted.arn, written: quoted(near?.principalArn ?? "") };
  return {
    kind: "denied",
    ...reason(code, values),
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

function placeOf({ principalArn }: AccessEntry): string {
  return `access entry ${principalArn.slice(0, 200)}`;
}

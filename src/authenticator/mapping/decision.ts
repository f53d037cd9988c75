/** Who is asked: the cluster's access entries, the ConfigMap aws-auth, or both. (EKS API, authenticationMode) */
import type { AccessEntry } from "../../aws/eks/access-entries.ts";
import type { CallerIdentity } from "../caller-identity.ts";
import type { AuthenticationMode } from "../../aws/eks/describe-cluster.ts";
import { isFor, mapByAccessEntry, noAccessEntry } from "./access-entry.ts";
import { mapIdentity } from "./mapping.ts";
import type { Denied, Mapped, MappingWarning } from "./verdict.ts";

/** Access entries win over the ConfigMap for the same principal; in mode API the ConfigMap is not read at all. */
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
    why: "aws-auth maps the identity too, and is not asked: the access entry wins",
    hint: "Remove the entry from aws-auth, so that nobody changes it in vain.",
    place: byConfigMap.place,
  };
  return { ...byEntry, warnings: [...byEntry.warnings, warning] };
}

function inConfigMapAlone(denied: Denied, { place }: Mapped): Denied {
  return {
    ...denied,
    code: "MAPPING_CONFIG_MAP_NOT_READ",
    why: "aws-auth maps the identity, and the cluster does not read it: its authenticationMode is API",
    hint: "Create an access entry for the role; the mode cannot be changed back.",
    place,
  };
}

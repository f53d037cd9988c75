/** The mapping, as far as it can be read: from aws-auth, from EKS's access entries, or from both. */
import type { CallerIdentity } from "../../aws/sts/caller-identity.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { ApiAccess } from "../../kubernetes-api/api-server.ts";
import { mapByAccessEntry, type AccessEntry } from "../../authenticator/mapping/access-entry.ts";
import type { AuthenticationMode } from "../../aws/eks/describe-cluster.ts";
import { decide } from "../../authenticator/mapping/decision.ts";
import type { ApiEvidence } from "./api-evidence.ts";
import { configMapFor } from "./config-map.ts";
import { modeOf, type EksEvidence } from "./eks-evidence.ts";
import type { MappingEvidence } from "./evidence.ts";
import type { Place } from "../hops/kubeconfig-hop.ts";
import type { ConfigMapRead, MappingRequest, World } from "../world.ts";

export interface MappingQuestion {
  /** Undefined when nobody knows whose the token is. */
  identity: CallerIdentity | undefined;
  place: Place | undefined;
  mapping: MappingRequest;
  eks: EksEvidence | undefined;
  api: ApiEvidence | undefined;
}

export interface MappingFound {
  mapping: MappingEvidence | undefined;
  /** Why not, where it is not. */
  unread: string;
  /** What was asked for by name, and cannot be read. */
  failure?: EksX509Error;
}

const entriesSource = "EKS's access entries";

export async function mappingEvidence(
  question: MappingQuestion,
  world: World,
  access: ApiAccess | undefined,
): Promise<MappingFound> {
  const { eks, identity } = question;
  if (!identity) return unread("whose the token is, STS was not asked");
  const entry = entryIn(eks);
  if (modeOf(eks) === "API" && eks?.accessEntry === "unknown") return unread(entriesUnread(eks));
  const configMap = await configMapFor(question, world, access);
  if (configMap instanceof EksX509Error)
    return entry ? byEntry(entry, identity) : { ...unread(configMap.message), failure: configMap };
  const { data, source } = configMap;
  if (data) return decided({ data, source, entry, eks, identity });
  if (entry) return byEntry(entry, identity);
  if (modeOf(eks) === "API")
    return found({ verdict: decide("API", [], {}, identity), source: entriesSource });
  return unread(source);
}

function entryIn(eks: EksEvidence | undefined): AccessEntry | undefined {
  return typeof eks?.accessEntry === "object" ? eks.accessEntry : undefined;
}

function found(mapping: MappingEvidence): MappingFound {
  return { mapping, unread: "" };
}

function unread(why: string): MappingFound {
  return { mapping: undefined, unread: why };
}

function byEntry(entry: AccessEntry, identity: CallerIdentity): MappingFound {
  return found({ verdict: mapByAccessEntry(entry, identity), source: entriesSource });
}

/** Nobody was allowed to look, or nobody could: that there is none is not known. */
function entriesUnread(eks: EksEvidence | undefined): string {
  const { entryUnread } = eks ?? {};
  const why =
    entryUnread?.code === "EKS_ACCESS_DENIED"
      ? "this session may not read them: it lacks the permission eks:DescribeAccessEntry"
      : `they cannot be read${entryUnread ? `: ${entryUnread.message}` : ""}`;
  return `access entries alone decide (authenticationMode API), and ${why}`;
}

interface Readings extends ConfigMapRead {
  data: Readonly<Record<string, string>>;
  entry: AccessEntry | undefined;
  eks: EksEvidence | undefined;
  identity: CallerIdentity;
}

function decided({ data, source, entry, eks, identity }: Readings): MappingFound {
  const mode = modeOf(eks);
  const verdict = decide(
    mode ?? (entry ? "API_AND_CONFIG_MAP" : "CONFIG_MAP"),
    entry ? [entry] : [],
    data,
    identity,
  );
  const isByEntry = verdict.kind === "mapped" && verdict.by === "access-entry";
  return found({ verdict, source: isByEntry ? entriesSource : `${source}${caveat(mode, eks)}` });
}

/** What was read decides, unless an access entry does. */
function caveat(mode: AuthenticationMode | undefined, eks: EksEvidence | undefined): string {
  if (mode === "CONFIG_MAP" || eks?.accessEntry === "none" || typeof eks?.accessEntry === "object") return "";
  return mode === "API_AND_CONFIG_MAP"
    ? "; access entries may decide instead (authenticationMode API_AND_CONFIG_MAP), and may not be read"
    : "; access entries may decide instead, if the cluster has any";
}

/** The cluster's side of the way: EKS, the mapping and the API server are asked, then judged together. */
import type { CallerIdentity } from "../eks/caller-identity.ts";
import type { Environment } from "../environment.ts";
import type { GetTokenInput } from "../get-token-input.ts";
import { entryToAdd } from "../mapping/entry-to-add.ts";
import type { Session } from "../rolesanywhere/session.ts";
import { apiAccess } from "./api-access.ts";
import { askApiServer, type ApiEvidence } from "./api-evidence.ts";
import type { ApiAccess } from "../kubernetes/api/api-server.ts";
import { apiHops } from "./api-hops.ts";
import { clusterHop } from "./cluster-hop.ts";
import { askEks, type EksEvidence } from "./eks-evidence.ts";
import { isTaken, type Evidence } from "./evidence.ts";
import type { Findings } from "./findings.ts";
import type { Place } from "./kubeconfig-hop.ts";
import { mappingEvidence } from "./mapping-evidence.ts";
import { mappingHop } from "./mapping-hop.ts";
import type { MappingReport } from "./report.ts";
import type { MappingRequest, World } from "./world.ts";

export interface Caller {
  identity: CallerIdentity;
  token: string;
  /** Undefined when no kubeconfig tells which API server to ask. */
  place: Place | undefined;
  env: Environment;
  /** Undefined for a token that was not made here. */
  own: { input: GetTokenInput; session: Session } | undefined;
  mapping: MappingRequest;
}

export interface ClusterSide {
  mapping: MappingReport | null;
  isAccepted: boolean;
}

export async function clusterSide(findings: Findings, caller: Caller, world: World): Promise<ClusterSide> {
  const evidence = await findings.on("mapping", () => gather(findings, caller, world));
  if (!evidence) return { mapping: null, isAccepted: false };
  clusterHop(findings, evidence);
  const mapping = findings.hasFailed ? null : mappingHop(findings, evidence);
  apiHops(findings, evidence, entryToAdd(caller.identity));
  return { mapping, isAccepted: evidence.api === undefined || isTaken(evidence) };
}

async function gather(findings: Findings, caller: Caller, world: World): Promise<Evidence> {
  const [eks, api] = [await eksOf(caller, world), await apiOf(findings, caller, world)];
  const { mapping, unread } = await mappingEvidence(
    { ...caller, eks, api: api?.evidence },
    world,
    api?.access,
  );
  return { eks, api: api?.evidence, mapping, mappingUnread: unread, server: serverOf(caller.place) };
}

export function serverOf(place: Place | undefined): Evidence["server"] {
  if (!place) return undefined;
  const { server, tlsServerName } = place.target.cluster;
  return { url: server, tlsServerName };
}

async function eksOf({ own, identity, env }: Caller, world: World): Promise<EksEvidence | undefined> {
  if (!own) return undefined;
  return askEks({ ...own, identity, env }, { http: await world.http(env), clock: world.clock });
}

interface ApiSide {
  access: ApiAccess;
  evidence: ApiEvidence;
}

async function apiOf(
  findings: Findings,
  { place, token, env }: Caller,
  { http, readFile }: World,
): Promise<ApiSide | undefined> {
  if (!place) {
    findings.skip("api-server", "no kubeconfig tells which one to ask");
    return undefined;
  }
  return findings.on("api-server", async () => {
    const access = await apiAccess(place.target, { token }, { http: await http(env), readFile });
    return { access, evidence: await askApiServer(access) };
  });
}

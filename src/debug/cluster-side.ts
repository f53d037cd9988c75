/** The cluster's side of the way: EKS, the mapping and the API server are asked, then judged together. */
import type { CallerIdentity } from "../aws/sts/caller-identity.ts";
import type { Environment } from "../foundation/environment.ts";
import type { GetTokenInput } from "../sign-in/input.ts";
import { accessEntryToAdd, entryToAdd } from "../authenticator/mapping/entry-to-add.ts";
import type { Session } from "../rolesanywhere/session.ts";
import { apiAccess } from "./evidence/api-access.ts";
import { askApiServer, type ApiEvidence } from "./evidence/api-evidence.ts";
import type { ApiAccess } from "../kubernetes-api/api-server.ts";
import { impersonated } from "../kubernetes-api/impersonation.ts";
import { apiHops } from "./hops/api-hops.ts";
import { clusterHop } from "./hops/cluster-hop.ts";
import { askEks, modeOf, type EksEvidence } from "./evidence/eks-evidence.ts";
import { isTaken, type Evidence } from "./evidence/evidence.ts";
import type { Findings } from "./report/findings.ts";
import type { Place } from "./hops/kubeconfig-hop.ts";
import { mappingEvidence } from "./evidence/mapping-evidence.ts";
import { mappingHop } from "./hops/mapping-hop.ts";
import type { MappingReport } from "./report/report.ts";
import type { MappingRequest, World } from "./world.ts";

export interface Caller {
  /** Undefined when STS was not asked. */
  identity: CallerIdentity | undefined;
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
  const evidence = await gather(findings, caller, world);
  clusterHop(findings, evidence);
  const toAdd = missingEntry(caller.identity, evidence);
  // What cannot be read explains nothing: the API server's answer is told for itself.
  if (evidence.mappingFailure) apiHops(findings, evidence, toAdd);
  const mapping = findings.hasFailed && !evidence.mappingFailure ? null : mappingHop(findings, evidence);
  if (!evidence.mappingFailure) apiHops(findings, evidence, toAdd);
  const wasAsked = evidence.api !== undefined;
  return { mapping, isAccepted: wasAsked ? isTaken(evidence) : caller.identity !== undefined };
}

function missingEntry(identity: CallerIdentity | undefined, { eks }: Evidence): string {
  if (!identity) return "";
  return modeOf(eks) === "API" ? accessEntryToAdd(identity) : entryToAdd(identity);
}

async function gather(findings: Findings, caller: Caller, world: World): Promise<Evidence> {
  const [eks, api] = [await eksOf(caller, world), await apiOf(findings, caller, world)];
  world.starting("mapping");
  const { mapping, unread, failure } = await mappingEvidence(
    { ...caller, eks, api: api?.evidence },
    world,
    api?.access,
  );
  return {
    eks,
    api: api?.evidence,
    mapping,
    mappingUnread: unread,
    mappingFailure: failure,
    server: serverOf(caller.place),
  };
}

export function serverOf(place: Place | undefined): Evidence["server"] {
  if (!place) return undefined;
  const { cluster, user } = place.target;
  const { server, tlsServerName } = cluster;
  const impersonates = user.impersonate.user === "" ? "" : impersonated(user.impersonate);
  return { url: server, tlsServerName, impersonates };
}

async function eksOf({ own, identity, env }: Caller, world: World): Promise<EksEvidence | undefined> {
  if (!own || !identity) return undefined;
  return askEks({ ...own, identity, env }, { http: await world.http(env), clock: world.clock });
}

interface ApiSide {
  access: ApiAccess;
  evidence: ApiEvidence;
}

async function apiOf(
  findings: Findings,
  { place, token }: Caller,
  world: World,
): Promise<ApiSide | undefined> {
  if (!place) {
    findings.skip("api-server", "no kubeconfig tells which one to ask");
    return undefined;
  }
  return findings.on("api-server", async () => {
    const access = await apiAccess(place.target, { token }, world);
    return { access, evidence: await askApiServer(access) };
  });
}

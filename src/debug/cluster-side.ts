/** The cluster's side: EKS, the mapping and the API server are asked, and then judged together. */
import type { CallerIdentity } from "../authenticator/caller-identity.ts";
import { accessEntryToAdd, entryToAdd } from "../authenticator/mapping/entry-to-add.ts";
import { readTokenForm } from "../authenticator/token-form/token-form.ts";
import type { PluginCredential } from "../exec/exec-credential-reading.ts";
import type { Environment } from "../foundation/ports.ts";
import { EksX509Error, type CodeOf } from "../foundation/errors.ts";
import { impersonated, type ApiAccess } from "../kubernetes-api/access.ts";
import { apiAccess, askApiServer, type ApiEvidence, type Shown } from "./evidence/api-server.ts";
import { askEks, modeOf, type EksEvidence } from "./evidence/eks.ts";
import { isTaken, type Evidence } from "./evidence/evidence.ts";
import { mappingEvidence } from "./evidence/mapping.ts";
import { apiHops, clusterHop } from "./hops/cluster.ts";
import type { Place } from "./hops/kubeconfig.ts";
import { mappingHop } from "./hops/mapping.ts";
import type { SignedIn } from "./hops/sign-in.ts";
import type { Findings } from "./report/findings.ts";
import type { MappingReport } from "./report/report.ts";
import type { MappingRequest, World } from "./world.ts";

export interface Caller {
  /** Undefined when STS was not asked. */
  identity: CallerIdentity | undefined;
  token: string;
  /** Undefined when no kubeconfig names an API server. */
  place: Place | undefined;
  env: Environment;
  /** Undefined for a token that this run did not make. */
  own: SignedIn | undefined;
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
  // A mapping that cannot be read explains nothing, so the API server's answer comes first.
  if (evidence.mappingFailure) apiHops(findings, evidence, toAdd);
  const mapping = mappingHop(findings, evidence);
  if (!evidence.mappingFailure) apiHops(findings, evidence, toAdd);
  const wasAsked = evidence.api !== undefined;
  return { mapping, isAccepted: wasAsked ? isTaken(evidence) : caller.identity !== undefined };
}

function missingEntry(identity: CallerIdentity | undefined, { eks }: Evidence): string {
  if (!identity) return "";
  return modeOf(eks) === "API" ? accessEntryToAdd(identity) : entryToAdd(identity);
}

async function gather(findings: Findings, caller: Caller, world: World): Promise<Evidence> {
  const eks = await eksOf(caller, world);
  const api = await apiOf(findings, caller, world);
  world.starting("mapping");
  const question = { ...caller, eks, api: api?.evidence };
  const { mapping, unread, failure } = await mappingEvidence(question, world, api?.access);
  return {
    eks,
    api: api?.evidence,
    mapping,
    mappingUnread: unread,
    mappingFailure: failure,
    server: serverOf(caller.place),
  };
}

function serverOf(place: Place | undefined): Evidence["server"] {
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
  if (place) return askedAs(findings, place, { token }, world);
  findings.skip("api-server", "not asked: no kubeconfig names it");
  return undefined;
}

function askedAs(findings: Findings, place: Place, shown: Shown, world: World): Promise<ApiSide | undefined> {
  return findings.on("api-server", async () => {
    const access = await apiAccess(place.target, shown, world);
    return { access, evidence: await askApiServer(access) };
  });
}

const jwt = "a JSON web token";
const opaque = "an opaque token";

/**
 * Only the API server can judge a credential that is not an AWS token.
 * @returns what it is, in words; undefined for what may be an AWS token
 */
export function foreignKind({ token, clientCertificate }: PluginCredential, now: Date): string | undefined {
  if (token === "") return clientCertificate && "a client certificate";
  const code = readTokenForm(token, { now }).failure?.code;
  if (code === "TOKEN_IS_JWT") return jwt;
  // An AWS token with text before it fails by its form.
  return code === "TOKEN_PREFIX_MISSING" && !/k8s-aws/i.test(token) ? opaque : undefined;
}

export interface Foreign {
  kind: string;
  credential: PluginCredential;
  place: Place;
}

export async function foreignSide(
  findings: Findings,
  { kind, credential, place }: Foreign,
  world: World,
): Promise<ClusterSide> {
  findings.skip("token", `the plugin returns ${kind}, which only the API server can judge`);
  findings.skip("sts", `not asked about ${kind}`);
  findings.skip("cluster", `not asked about ${kind}`);
  const shown = { token: credential.token || undefined, certificate: credential.clientCertificate };
  const api = await askedAs(findings, place, shown, world);
  const evidence: Evidence = {
    eks: undefined,
    api: api && explained(api.evidence, kind),
    mapping: undefined,
    mappingUnread: `neither aws-auth nor an access entry maps ${kind}`,
    server: serverOf(place),
  };
  const mapping = mappingHop(findings, evidence);
  apiHops(findings, evidence, "");
  return { mapping, isAccepted: isTaken(evidence) };
}

/** The usual reasons for a 401 apply to AWS tokens only. */
function explained(evidence: ApiEvidence, kind: string): ApiEvidence {
  const { problem } = evidence;
  if (problem?.code !== "API_UNAUTHORIZED") return evidence;
  const explanation = kind === opaque ? ofOpaque : ofJwt;
  const { message } = problem;
  return {
    ...evidence,
    problem: new EksX509Error({ category: "refused", hop: "api-server", message, ...explanation }),
  };
}

interface Explanation {
  code: CodeOf<"refused", "api-server">;
  hint: string;
}

const ofJwt: Explanation = {
  code: "API_JWT_REFUSED",
  hint: "Compare the token's issuer, audience and expiry with the cluster's OIDC identity provider: aws eks list-identity-provider-configs. Without one, EKS accepts only AWS tokens and the tokens of its own service accounts.",
};

const ofOpaque: Explanation = {
  code: "API_OPAQUE_TOKEN_REFUSED",
  hint: "The token is of another provider, such as Google's ya29… or a company's own. An EKS cluster accepts AWS tokens (k8s-aws-v1.…) and JSON web tokens. Check that the kubeconfig's user belongs to this cluster.",
};

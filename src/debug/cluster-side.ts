/** The cluster's side: EKS, the mapping and the API server are asked, and then judged together. */
import type { CallerIdentity } from "../authenticator/caller-identity.ts";
import { accessEntryToAdd, entryToAdd } from "../authenticator/mapping/entry-to-add.ts";
import { readTokenForm } from "../authenticator/token-form/token-form.ts";
import type { PluginCredential } from "../exec/exec-credential-reading.ts";
import { errorsOf } from "../foundation/errors.ts";
import { apiAccess, askApiServer, type ApiEvidence, type Shown } from "./evidence/api-server.ts";
import { askEks, isTaken, modeOf, type Caller, type Evidence } from "./evidence/evidence.ts";
import { mappingEvidence } from "./evidence/mapping.ts";
import { apiHops, clusterHop } from "./hops/cluster.ts";
import type { Place } from "./hops/kubeconfig.ts";
import { mappingHop } from "./hops/mapping.ts";
import type { Findings } from "./report/findings.ts";
import type { World } from "./world.ts";

export async function clusterSide(findings: Findings, caller: Caller, world: World): Promise<void> {
  const { identity } = caller;
  const evidence = await gather(findings, caller, world);
  clusterHop(findings, evidence);
  const toAdd = missingEntry(identity, evidence);
  // A mapping that cannot be read explains nothing, so the API server's answer comes first.
  if (evidence.mappingFailure) apiHops(findings, evidence, toAdd);
  findings.mapping = mappingHop(findings, evidence);
  if (!evidence.mappingFailure) apiHops(findings, evidence, toAdd);
  findings.isAccepted = evidence.api ? isTaken(evidence) : identity !== undefined;
}

function missingEntry(identity: CallerIdentity | undefined, { eks }: Evidence): string {
  if (!identity) return "";
  return modeOf(eks) === "API" ? accessEntryToAdd(identity) : entryToAdd(identity);
}

async function gather(findings: Findings, caller: Caller, world: World): Promise<Evidence> {
  const { own, identity, env, place, token, mapping } = caller;
  const eks = own && identity && (await askEks(own, identity, env, world));
  if (!place) findings.skip("api-server", "not asked: no kubeconfig names it");
  const asked = place && (await askedAs(findings, place, { token }, world));
  const isReadable = asked && (!asked.api.problem || asked.api.user);
  world.starting("mapping");
  const found = await mappingEvidence(caller, eks, isReadable ? asked.access : undefined, world);
  return { eks, api: asked?.api, ...found, place, adminContext: mapping.adminContext };
}

function askedAs(findings: Findings, place: Place, shown: Shown, world: World) {
  return findings.on("api-server", async () => {
    const access = await apiAccess(place.target, shown, world);
    return { access, api: await askApiServer(access) };
  });
}

/**
 * Only the API server can judge a credential that is not an AWS token.
 * @returns what it is, in words; undefined for what may be an AWS token
 */
export function foreignKind({ token, clientCertificate }: PluginCredential, now: Date): Kind | undefined {
  if (token === "") return clientCertificate && "a client certificate";
  const code = readTokenForm(token, { now }).failure?.code;
  if (code === "TOKEN_IS_JWT") return "a JSON web token";
  // An AWS token with text before it fails by its form.
  return code === "TOKEN_PREFIX_MISSING" && !/k8s-aws/i.test(token) ? "an opaque token" : undefined;
}

type Kind = "a client certificate" | "a JSON web token" | "an opaque token";

export async function foreignSide(
  findings: Findings,
  { kind, credential, place }: { kind: Kind; credential: PluginCredential; place: Place },
  world: World,
): Promise<void> {
  findings.skip("token", `the plugin returns ${kind}, which only the API server can judge`);
  findings.skip("sts", `not asked about ${kind}`);
  findings.skip("cluster", `not asked about ${kind}`);
  const asked = await askedAs(findings, place, credential, world);
  const evidence: Evidence = {
    eks: undefined,
    api: asked && explained(asked.api, kind),
    mapping: undefined,
    mappingUnread: `neither aws-auth nor an access entry maps ${kind}`,
    place,
  };
  findings.mapping = mappingHop(findings, evidence);
  apiHops(findings, evidence, "");
  findings.isAccepted = isTaken(evidence);
}

/** The usual reasons for a 401 apply to AWS tokens only. */
function explained(evidence: ApiEvidence, kind: Kind): ApiEvidence {
  const { problem } = evidence;
  if (problem?.code !== "API_UNAUTHORIZED") return evidence;
  const [code, hint] = kind === "an opaque token" ? opaqueRefused : jwtRefused;
  return { ...evidence, problem: errorsOf("refused", "api-server")(code, problem.message, hint) };
}

const opaqueRefused = [
  "API_OPAQUE_TOKEN_REFUSED",
  "The token is of another provider, such as Google's ya29… or a company's own. An EKS cluster accepts AWS tokens (k8s-aws-v1.…) and JSON web tokens. Check that the kubeconfig's user belongs to this cluster.",
] as const;

const jwtRefused = [
  "API_JWT_REFUSED",
  "Compare the token's issuer, audience and expiry with the cluster's OIDC identity provider: aws eks list-identity-provider-configs. Without one, EKS accepts only AWS tokens and the tokens of its own service accounts.",
] as const;

/** What a plugin gives that is none of AWS's, such as a JSON web token or a client certificate: the API server judges it, and nobody else can. */
import { readTokenForm } from "../authenticator/token-form/token-form.ts";
import { EksX509Error, type CodeOf } from "../foundation/errors.ts";
import type { PluginCredential } from "../exec/exec-credential-reading.ts";
import { apiAccess } from "./evidence/api-access.ts";
import { askApiServer, type ApiEvidence } from "./evidence/api-evidence.ts";
import { apiHops } from "./hops/api-hops.ts";
import { serverOf, type ClusterSide } from "./cluster-side.ts";
import { isTaken, type Evidence } from "./evidence/evidence.ts";
import type { Findings } from "./report/findings.ts";
import type { Place } from "./hops/kubeconfig-hop.ts";
import { mappingHop } from "./hops/mapping-hop.ts";
import type { World } from "./world.ts";

/** @returns what it is, in words; undefined for what may be a token of AWS */
export function foreignKind({ token, clientCertificate }: PluginCredential, now: Date): string | undefined {
  if (token === "") return clientCertificate && "a client certificate";
  const code = readTokenForm(token, { now }).failure?.code;
  if (code === "TOKEN_IS_JWT") return jwt;
  // A token of AWS with something before it is told as such.
  return code === "TOKEN_PREFIX_MISSING" && !/k8s-aws/i.test(token) ? opaque : undefined;
}

const jwt = "a JSON web token";
const opaque = "an opaque token";

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
  findings.skip("token", `the plugin gives ${kind}, which the API server judges by itself`);
  findings.skip("sts", `not asked about ${kind}`);
  findings.skip("cluster", `not asked about ${kind}`);
  const shown = { token: credential.token || undefined, certificate: credential.clientCertificate };
  const api = await findings.on("api-server", async () => {
    return explained(await askApiServer(await apiAccess(place.target, shown, world)), kind);
  });
  const mappingUnread = `neither aws-auth nor an access entry maps ${kind}`;
  const evidence: Evidence = {
    eks: undefined,
    api,
    mapping: undefined,
    mappingUnread,
    server: serverOf(place),
  };
  const mapping = mappingHop(findings, evidence);
  apiHops(findings, evidence, "");
  return { mapping, isAccepted: isTaken(evidence) };
}

/** The usual reasons for a 401 are those of AWS's tokens. */
function explained(evidence: ApiEvidence, kind: string): ApiEvidence {
  const { problem } = evidence;
  if (problem?.code !== "API_UNAUTHORIZED") return evidence;
  const { message } = problem;
  const { code, hint } = kind === opaque ? ofOpaque : ofJwt;
  return {
    ...evidence,
    problem: new EksX509Error({ category: "refused", hop: "api-server", code, message, hint }),
  };
}

interface Explanation {
  code: CodeOf<"refused", "api-server">;
  hint: string;
}

const ofJwt: Explanation = {
  code: "API_JWT_REFUSED",
  hint: "Compare the token's issuer, audience and expiry with the cluster's OIDC identity provider: aws eks list-identity-provider-configs. Without one, EKS takes tokens of AWS and of its own service accounts alone.",
};

const ofOpaque: Explanation = {
  code: "API_OPAQUE_TOKEN_REFUSED",
  hint: "The token is of another provider's kind, such as Google's ya29… or a company's own. An EKS cluster takes tokens of AWS (k8s-aws-v1.…) and JSON web tokens; check that the kubeconfig's user belongs to this cluster.",
};

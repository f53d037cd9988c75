/** What the API server says to the token: whom it takes it for, and what that user may do. */
import { EksX509Error } from "../../foundation/errors.ts";
import type { ApiAccess } from "../../kubernetes-api/api-server.ts";
import { canI, type Access } from "../../kubernetes-api/can-i.ts";
import { serverVersion } from "../../kubernetes-api/server-version.ts";
import { whoAmI, type KubernetesUser } from "../../kubernetes-api/who-am-i.ts";

export interface ApiEvidence {
  /** `v1.34.4`. */
  version: string | undefined;
  /** Undefined from a server that is too old to tell. */
  user: KubernetesUser | undefined;
  access: Access | undefined;
  /** Whom the user's `as` makes of the caller; undefined without one. */
  actingAs?: KubernetesUser | undefined;
  /** What ended the asking. */
  problem: EksX509Error | undefined;
}

/** What `kubectl get namespaces` asks for. */
export const question = { verb: "list", resource: "namespaces" } as const;

/** /version is open to all, so that a server that cannot be reached is told from one that does not take the token. */
export async function askApiServer(access: ApiAccess): Promise<ApiEvidence> {
  const evidence: ApiEvidence = {
    version: undefined,
    user: undefined,
    access: undefined,
    problem: undefined,
  };
  try {
    const own = { ...access, impersonate: undefined };
    evidence.version = await versionOf(own);
    evidence.user = knownUser(await whoAmI(own));
    if (access.impersonate) evidence.actingAs = await whoAmI(access);
    evidence.access = await canI(access, question);
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    evidence.problem = isAboutAnonymous(error) ? credentialLost() : explained(error, access);
  }
  return evidence;
}

/** A server that does not tell its version to strangers is there all the same. */
async function versionOf(access: ApiAccess): Promise<string | undefined> {
  try {
    return await serverVersion({ ...access, token: undefined });
  } catch (error) {
    if (!(error instanceof EksX509Error) || error.category === "network" || error.category === "usage")
      throw error;
    return undefined;
  }
}

/** Whom the API server takes a request for that shows nothing. A credential that it refuses is a 401 instead. */
const anonymous = "system:anonymous";

function knownUser(user: KubernetesUser | undefined): KubernetesUser | undefined {
  if (user?.username === anonymous) throw credentialLost();
  return user;
}

function isAboutAnonymous({ code, message }: EksX509Error): boolean {
  return code === "API_REVIEW_FORBIDDEN" && message.includes(anonymous);
}

/** It is not the kubeconfig's CA that is wrong where there is none. */
function explained(error: EksX509Error, { server }: ApiAccess): EksX509Error {
  if (error.code !== "API_TLS_UNTRUSTED" || server.hasNoAuthority !== true) return error;
  return new EksX509Error({
    category: "network",
    hop: "api-server",
    code: "API_CA_NOT_GIVEN",
    message: `${error.message}, and the kubeconfig's cluster names no CA`,
    hint: "kubectl trusts the system's CAs then, or those of SSL_CERT_FILE, and neither AWS_CA_BUNDLE nor NODE_EXTRA_CA_CERTS. An EKS cluster has a CA of its own: give it as certificate-authority-data (aws eks update-kubeconfig).",
  });
}

function credentialLost(): EksX509Error {
  return new EksX509Error({
    category: "refused",
    hop: "api-server",
    code: "API_CREDENTIAL_LOST",
    message: `the API server takes the caller for ${anonymous}: what was shown to it did not arrive`,
    hint: "A proxy or load balancer that ends TLS before the API server drops the Authorization header, or the client certificate. Check the cluster's server and proxy-url in the kubeconfig.",
  });
}

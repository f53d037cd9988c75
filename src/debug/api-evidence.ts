/** What the API server says to the token: whom it takes it for, and what that user may do. */
import { EksX509Error } from "../errors.ts";
import type { ApiAccess } from "../kubernetes/api/api-server.ts";
import { canI, type Access } from "../kubernetes/api/can-i.ts";
import { serverVersion } from "../kubernetes/api/server-version.ts";
import { whoAmI, type KubernetesUser } from "../kubernetes/api/who-am-i.ts";

export interface ApiEvidence {
  /** `v1.34.4`. */
  version: string | undefined;
  /** Undefined from a server that is too old to tell. */
  user: KubernetesUser | undefined;
  access: Access | undefined;
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
    evidence.version = await versionOf(access);
    evidence.user = await whoAmI(access);
    evidence.access = await canI(access, question);
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    evidence.problem = error;
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

/** A token that somebody has, perhaps a stranger's: its form, then STS. Nobody but STS is asked, unless a context is named. */
import { EksX509Error } from "../foundation/errors.ts";
import { ownGetToken } from "../exec/exec-entry-own.ts";
import { entryTool } from "../exec/exec-entry-tool.ts";
import { auditHop } from "./hops/audit-hop.ts";
import { withAwsAuthRead } from "./evidence/aws-auth-given.ts";
import { clusterSide } from "./cluster-side.ts";
import { entryEnvironment } from "./hops/entry-hops.ts";
import { Findings } from "./report/findings.ts";
import { kubeconfigHop, readPlace, type Place } from "./hops/kubeconfig-hop.ts";
import { reportOf, type Found } from "./report/report-of.ts";
import type { Report } from "./report/report.ts";
import { notingSecrets } from "./report/sent-secrets.ts";
import { stsHop } from "./hops/sts-hop.ts";
import { tokenHop } from "./hops/token-hop.ts";
import type { WalkRequest, World } from "./world.ts";

export interface TokenRequest extends WalkRequest {
  token: string;
  /** As given for this token; undefined to look for it in the kubeconfig. */
  clusterName: string | undefined;
  /** When the token is judged. */
  at: Date;
}

export async function debugToken(given: TokenRequest, world: World): Promise<Report> {
  const request = await withAwsAuthRead(given, world);
  const { token, at, isOffline } = request;
  const findings = new Findings(world.starting);
  const found: Found = { isAccepted: false, isOffline, secrets: [token] };
  found.token = tokenHop(findings, token, at);
  if (!findings.hasFailed && !isOffline)
    await ask(findings, found, request, notingSecrets(world, found.secrets));
  return reportOf(findings, found);
}

async function ask(findings: Findings, found: Found, request: TokenRequest, world: World): Promise<void> {
  const { env } = world;
  const { form } = found.token ?? {};
  if (!form?.request) return;
  const place = request.context === undefined ? undefined : await kubeconfigHop(findings, request, world);
  if (request.context !== undefined && !place) return;
  const question = {
    request: form.request,
    accessKeyId: form.claims.accessKeyId ?? "",
    clusterName: request.clusterName ?? (await contextsCluster(request, world)),
    env,
    isNeeded: place === undefined,
  };
  found.identity = await stsHop(findings, question, world);
  if (findings.hasFailed) return;
  const { identity } = found;
  const caller = { identity, token: request.token, place, env, own: undefined, mapping: request.mapping };
  const side = await clusterSide(findings, caller, world);
  found.mapping = side.mapping;
  found.isAccepted = side.isAccepted;
  if (identity)
    auditHop(findings, { serial: undefined, sourceIdentity: undefined, identity, mapping: side.mapping });
}

/** The cluster that the kubeconfig's context signs in to, where it tells. */
async function contextsCluster(request: TokenRequest, world: World): Promise<string | undefined> {
  try {
    return await clusterNameOf(await readPlace(request, world), world);
  } catch (error) {
    if (error instanceof EksX509Error) return undefined;
    throw error;
  }
}

async function clusterNameOf({ target }: Place, world: World): Promise<string | undefined> {
  const { credential, cluster } = target;
  if (credential.kind !== "exec") return undefined;
  const { exec } = credential;
  const args = ownGetToken(exec);
  if (!args) return entryTool(exec).clusterName;
  const env = entryEnvironment(exec, world.env);
  const clusterConfig = exec.provideClusterInfo ? cluster.execConfig : undefined;
  return (await world.resolve({ args, env, clusterConfig })).input.token.clusterName;
}

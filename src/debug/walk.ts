/**
 * `token debug` in its two forms. Without a token it follows kubectl's way hop by hop, with a session and a token of its own:
 * it neither reads nor writes the cache. With a token it checks that token, and asks only STS unless a context is named.
 */
import { entryTool } from "../exec/exec-entry-tool.ts";
import { ownGetToken } from "../exec/exec-entry-own.ts";
import { EksX509Error } from "../foundation/errors.ts";
import { clusterSide, foreignKind, foreignSide, type Caller } from "./cluster-side.ts";
import { withAwsAuthRead } from "./evidence/mapping.ts";
import {
  entryEnvironment,
  entryHops,
  execInfoOf,
  type Entry,
  type OtherEntry,
  type OwnEntry,
} from "./hops/exec-entry.ts";
import { kubeconfigHop, readPlace, type Place } from "./hops/kubeconfig.ts";
import { auditHop } from "./hops/mapping.ts";
import { certificateHop, mintedToken, sessionHops } from "./hops/sign-in.ts";
import { stsHop, tokenHop } from "./hops/token.ts";
import { Findings } from "./report/findings.ts";
import { reportOf, type Found } from "./report/report-of.ts";
import type { Report } from "./report/report.ts";
import type { TokenRequest, WalkRequest, World } from "./world.ts";

interface Run {
  findings: Findings;
  found: Found;
  request: WalkRequest;
  world: World;
}

export async function walk(request: WalkRequest, world: World): Promise<Report> {
  const run = await started(request, world);
  const place = await kubeconfigHop(run.findings, run.request, run.world);
  const entry = await entryOf(run, place);
  if (entry?.kind === "own") await withOwnEntry(run, entry, place);
  else if (entry) await withOtherEntry(run, entry);
  return reportOf(run.findings, run.found);
}

export async function debugToken(request: TokenRequest, world: World): Promise<Report> {
  const run = await started(request, world);
  const { findings, found } = run;
  const { token, at, context, isOffline } = request;
  world.secrets.add(token);
  found.token = tokenHop(findings, token, at);
  if (!findings.hasFailed && !isOffline) {
    const place = context === undefined ? undefined : await kubeconfigHop(findings, request, run.world);
    if (context === undefined || place) {
      const clusterName = request.clusterName ?? (await clusterOfContext(run));
      await askAbout(run, { token, clusterName, place, env: world.env, own: undefined });
    }
  }
  return reportOf(findings, found);
}

async function started(request: WalkRequest, world: World): Promise<Run> {
  const { isOffline } = request;
  const found: Found = { isAccepted: false, isOffline, secrets: world.secrets };
  return {
    findings: new Findings(world.starting),
    found,
    request: await withAwsAuthRead(request, world),
    world,
  };
}

async function entryOf(
  { findings, request, world }: Run,
  place: Place | undefined,
): Promise<Entry | undefined> {
  if (place) return entryHops(findings, place, request, world);
  if (findings.hasFailed) return undefined;
  findings.skip("plugin", "no exec entry is used");
  return findings.on("configuration", async () => {
    const { input, facts } = await world.resolve({ args: [], env: world.env, cluster: undefined });
    findings.ok("configuration", `get-token for cluster ${input.token.clusterName}`, facts);
    return { kind: "own", input, env: world.env };
  });
}

async function withOwnEntry(run: Run, { input, env }: OwnEntry, place: Place | undefined): Promise<void> {
  const { findings, found, request, world } = run;
  const identity = await certificateHop(findings, input, world);
  if (!identity) return;
  if (request.isOffline) {
    findings.skip("create-session", "not asked: offline");
    return;
  }
  const session = await sessionHops(findings, input, identity, {
    http: await world.http(env),
    clock: world.clock,
  });
  if (!session) return;
  world.secrets.add(session.credentials.secretAccessKey, session.credentials.sessionToken);
  const token = await mintedToken(findings, input, session, world.clock());
  if (!token) return;
  world.secrets.add(token.text);
  found.token = tokenHop(findings, token.text, world.clock(), input.parameters.trustAnchor.partition);
  const { clusterName } = input.token;
  await askAbout(run, { token: token.text, clusterName, place, env, own: { input, identity, session } });
}

async function withOtherEntry(run: Run, { credential, place, clusterName, env }: OtherEntry): Promise<void> {
  const { findings, found, request, world } = run;
  const { token } = credential;
  world.secrets.add(token, credential.clientCertificate?.key ?? "");
  const kind = foreignKind(credential, world.clock());
  if (kind) {
    Object.assign(found, await foreignSide(findings, { kind, credential, place }, world));
    return;
  }
  found.token = tokenHop(findings, token, world.clock());
  const name = request.clusterName ?? clusterName ?? (env["EKS_X509_CLUSTER_NAME"] || undefined);
  await askAbout(run, { token, clusterName: name, place, env, own: undefined });
}

interface TokenToAskAbout extends Omit<Caller, "identity" | "mapping"> {
  /** Undefined if nothing names it. */
  clusterName: string | undefined;
}

/** STS, and the cluster's side if STS does not refuse the token. */
async function askAbout(run: Run, { clusterName, ...token }: TokenToAskAbout): Promise<void> {
  const { findings, found, request, world } = run;
  const { request: signed, claims } = found.token?.form ?? {};
  if (!signed || request.isOffline) return;
  const { place, env, own } = token;
  const accessKeyId = claims?.accessKeyId ?? "";
  const identity = await stsHop(
    findings,
    { request: signed, accessKeyId, clusterName, env, isNeeded: place === undefined },
    world,
  );
  found.identity = identity;
  if (findings.hasFailed) return;
  const side = await clusterSide(findings, { ...token, identity, mapping: request.mapping }, world);
  Object.assign(found, side);
  if (identity) auditHop(findings, { own, identity, mapping: side.mapping });
}

/** The cluster that the entry of the kubeconfig's context names. */
async function clusterOfContext({ request, world }: Run): Promise<string | undefined> {
  try {
    const { credential, cluster } = (await readPlace(request, world)).target;
    if (credential.kind !== "exec") return undefined;
    const { exec } = credential;
    const args = ownGetToken(exec);
    if (!args) return entryTool(exec).clusterName;
    const env = entryEnvironment(exec, world.env);
    const info = await execInfoOf(exec, cluster, world);
    return (await world.resolve({ args, env, cluster: info.cluster })).input.token.clusterName;
  } catch (error) {
    if (error instanceof EksX509Error) return undefined;
    throw error;
  }
}

/**
 * `token debug` in its two forms. Without a token it follows kubectl's way hop by hop, with a session and a token of its own:
 * it neither reads nor writes the cache. With a token it checks that token, and asks only STS unless a context is named.
 */
import type { TokenForm } from "../authenticator/token-form/token-form.ts";
import { entryTool, ownGetToken } from "../exec/entry-program.ts";
import { EksX509Error, settled } from "../foundation/errors.ts";
import { clusterSide, foreignKind, foreignSide } from "./cluster-side.ts";
import type { Caller } from "./evidence/evidence.ts";
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
import { secondSessionHop } from "./hops/assume-role.ts";
import { identityHops, mintedToken, sessionHops } from "./hops/sign-in.ts";
import { stsHop, tokenHop } from "./hops/token.ts";
import { Findings } from "./report/findings.ts";
import { reportOf } from "./report/report-of.ts";
import type { Report } from "./report/report.ts";
import type { TokenRequest, WalkRequest, World } from "./world.ts";

interface Run {
  findings: Findings;
  request: WalkRequest;
  world: World;
}

export async function walk(request: WalkRequest, world: World): Promise<Report> {
  const run = await started(request, world);
  const place = await kubeconfigHop(run.findings, run.request, world);
  const entry = await entryOf(run, place);
  if (entry?.kind === "own") await withOwnEntry(run, entry, place);
  else if (entry) await withOtherEntry(run, entry);
  return reportOf(run.findings, request.isOffline, world.secrets);
}

export async function debugToken(request: TokenRequest, world: World): Promise<Report> {
  const run = await started(request, world);
  const { findings } = run;
  const { token, at, context, isOffline } = request;
  world.secrets.add(token);
  const form = tokenHop(findings, token, at);
  if (!findings.failure && !isOffline) {
    const place = context === undefined ? undefined : await kubeconfigHop(findings, request, world);
    if (context === undefined || place) {
      const named = request.clusterName ?? (await settled(clusterInEntry(request, world)));
      const clusterName = named instanceof EksX509Error ? undefined : named;
      await askAbout(run, form, { token, clusterName, place, env: world.env, own: undefined });
    }
  }
  return reportOf(findings, isOffline, world.secrets);
}

async function started(request: WalkRequest, world: World): Promise<Run> {
  return {
    findings: new Findings(world.starting),
    request: await withAwsAuthRead(request, world),
    world,
  };
}

async function entryOf(
  { findings, request, world }: Run,
  place: Place | undefined,
): Promise<Entry | undefined> {
  if (place) return entryHops(findings, place, request, world);
  if (findings.failure) return undefined;
  findings.skip("plugin", "no exec entry is used");
  return findings.on("configuration", async () => {
    const { input, facts } = await world.resolve({ args: [], env: world.env, cluster: undefined });
    findings.ok("configuration", `get-token for cluster ${input.token.clusterName}`, facts);
    return { kind: "own", input, env: world.env };
  });
}

async function withOwnEntry(run: Run, { input, env }: OwnEntry, place: Place | undefined): Promise<void> {
  const { findings, request, world } = run;
  if (input.second) findings.skip("assume-role", "");
  const opened = await identityHops(findings, input, world);
  if (!opened) return;
  if (request.isOffline) {
    await opened.tryKey();
    findings.skip("create-session", "not asked: offline");
    return;
  }
  const ports = { http: await world.http(env), clock: world.clock, judge: request.judge };
  const first = await sessionHops(findings, input, opened, ports);
  if (!first) return;
  world.secrets.add(first.credentials.secretAccessKey, first.credentials.sessionToken);
  const session = await secondSessionHop(findings, input, first, ports);
  if (!session) return;
  world.secrets.add(session.credentials.secretAccessKey, session.credentials.sessionToken);
  const minted = await mintedToken(findings, input, session, world.clock());
  if (!minted) return;
  const { text: token } = minted;
  world.secrets.add(token);
  const form = tokenHop(findings, token, world.clock(), input.parameters.trustAnchor.partition);
  const { clusterName } = input.token;
  await askAbout(run, form, {
    token,
    clusterName,
    place,
    env,
    own: { input, identity: opened.identity, session },
  });
}

async function withOtherEntry(run: Run, { credential, place, clusterName, env }: OtherEntry): Promise<void> {
  const { findings, request, world } = run;
  const { token } = credential;
  world.secrets.add(token, credential.clientCertificate?.key ?? "");
  const kind = foreignKind(credential, world.clock());
  if (kind) {
    await foreignSide(findings, { kind, credential, place }, world);
    return;
  }
  const form = tokenHop(findings, token, world.clock());
  const name = request.clusterName ?? clusterName ?? (env["EKS_X509_CLUSTER_NAME"] || undefined);
  await askAbout(run, form, { token, clusterName: name, place, env, own: undefined });
}

/** STS, and the cluster's side if STS does not refuse the token. */
async function askAbout(
  { findings, request, world }: Run,
  { request: signed, claims }: TokenForm,
  { clusterName, ...token }: Omit<Caller, "identity" | "mapping"> & { clusterName: string | undefined },
): Promise<void> {
  if (!signed || request.isOffline) return;
  const { place, env, own } = token;
  const { accessKeyId = "" } = claims;
  const question = { request: signed, accessKeyId, clusterName, env, isNeeded: place === undefined };
  const identity = await stsHop(findings, question, world);
  if (findings.failure) return;
  await clusterSide(findings, { ...token, identity, mapping: request.mapping }, world);
  if (identity) auditHop(findings, own, identity, findings.mapping);
}

async function clusterInEntry(request: WalkRequest, world: World): Promise<string | undefined> {
  const { credential, cluster } = (await readPlace(request, world)).target;
  if (credential.kind !== "exec") return undefined;
  const { exec } = credential;
  const args = ownGetToken(exec);
  if (!args) return entryTool(exec).clusterName;
  const env = entryEnvironment(exec, world.env);
  const info = await execInfoOf(exec, cluster, world);
  return (await world.resolve({ args, env, cluster: info.cluster })).input.token.clusterName;
}

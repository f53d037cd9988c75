/** The way that kubectl walks, hop by hop, with a session and a token of its own: nothing is taken from the cache, nothing stored. */
import type { CallerIdentity } from "../eks/caller-identity.ts";
import type { Environment } from "../environment.ts";
import type { GetTokenInput } from "../get-token-input.ts";
import type { Identity } from "../identity/identity.ts";
import type { Session } from "../rolesanywhere/session.ts";
import { auditHop } from "./audit-hop.ts";
import { certificateHop } from "./certificate-hop.ts";
import { clusterSide } from "./cluster-side.ts";
import { entryHops, type Entry } from "./entry-hops.ts";
import { Findings } from "./findings.ts";
import { foreignKind, foreignSide } from "./foreign-credential.ts";
import { kubeconfigHop, type Place } from "./kubeconfig-hop.ts";
import { reportOf, type Found } from "./report-of.ts";
import type { Report } from "./report.ts";
import { notingSecrets } from "./sent-secrets.ts";
import { mintedToken, sessionHops } from "./session-hops.ts";
import { stsHop } from "./sts-hop.ts";
import { tokenHop } from "./token-hop.ts";
import type { WalkRequest, World } from "./world.ts";

export async function walk(request: WalkRequest, outside: World): Promise<Report> {
  const findings = new Findings(outside.starting);
  const found: Found = { isAccepted: false, isOffline: request.isOffline, secrets: [] };
  const world = notingSecrets(outside, found.secrets);
  const place = await kubeconfigHop(findings, request, world);
  const entry = await entryOf(findings, place, request, world);
  if (entry) await goOn(findings, found, { entry, place, request }, world);
  return reportOf(findings, found);
}

interface Way {
  entry: Entry;
  place: Place | undefined;
  request: WalkRequest;
}

async function goOn(
  findings: Findings,
  found: Found,
  { entry, place, request }: Way,
  world: World,
): Promise<void> {
  const foreign = entry.kind === "other" ? foreignKind(entry.credential, world.clock()) : undefined;
  if (entry.kind === "other" && foreign && place) {
    const { credential, env } = entry;
    found.secrets.push(credential.token, credential.clientCertificate?.key ?? "");
    Object.assign(found, await foreignSide(findings, { kind: foreign, credential, place, env }, world));
    return;
  }
  const signedIn = await signIn(findings, found, entry, request, world);
  if (signedIn) await askAround(findings, found, { ...signedIn, place, request }, world);
}

async function entryOf(
  findings: Findings,
  place: Place | undefined,
  request: WalkRequest,
  world: World,
): Promise<Entry | undefined> {
  if (place) return entryHops(findings, place, request, world);
  if (findings.hasFailed) return undefined;
  findings.skip("plugin", "no exec entry is looked at");
  return findings.on("configuration", async () => {
    const { input, facts } = await world.resolve({ args: [], env: world.env, clusterConfig: undefined });
    findings.ok("configuration", `get-token for cluster ${input.token.clusterName}`, facts);
    return { kind: "own", input, env: world.env };
  });
}

/** A token, and what is known of whose it is. */
interface SignedIn {
  token: string;
  clusterName: string | undefined;
  env: Environment;
  /** Of an entry of ours. */
  own?: { input: GetTokenInput; identity: Identity; session: Session };
}

async function signIn(
  findings: Findings,
  found: Found,
  entry: Entry,
  { isOffline }: WalkRequest,
  world: World,
): Promise<SignedIn | undefined> {
  if (entry.kind === "other") return { ...entry, token: entry.credential.token };
  const { input, env } = entry;
  const identity = await certificateHop(findings, input, world);
  if (!identity) return undefined;
  if (isOffline) {
    findings.skip("create-session", "not asked: offline");
    return undefined;
  }
  const http = await world.http(env);
  const session = await sessionHops(findings, input, identity, { http, clock: world.clock });
  if (!session) return undefined;
  found.secrets.push(session.credentials.secretAccessKey, session.credentials.sessionToken);
  const token = await mintedToken(findings, input, session, world.clock());
  if (!token) return undefined;
  return { token: token.text, clusterName: input.token.clusterName, env, own: { input, identity, session } };
}

interface Asking extends SignedIn {
  place: Place | undefined;
  request: WalkRequest;
}

async function askAround(findings: Findings, found: Found, asking: Asking, world: World): Promise<void> {
  const { token, own, env, clusterName } = asking;
  found.secrets.push(token);
  found.token = tokenHop(findings, token, world.clock(), own?.input.session.trustAnchor.partition);
  const { request, claims } = found.token.form;
  if (!request || asking.request.isOffline) return;
  const http = await world.http(env);
  const question = { request, accessKeyId: claims.accessKeyId ?? "", clusterName, env };
  found.identity = await stsHop(findings, question, { http, clock: world.clock });
  if (!found.identity) return;
  await onTheClustersSide(findings, found, { ...asking, identity: found.identity }, world);
}

async function onTheClustersSide(
  findings: Findings,
  found: Found,
  { own, place, token, env, request, identity }: Asking & { identity: CallerIdentity },
  world: World,
): Promise<void> {
  const side = await clusterSide(
    findings,
    { identity, token, place, env, own, mapping: request.mapping },
    world,
  );
  found.mapping = side.mapping;
  found.isAccepted = side.isAccepted;
  auditHop(findings, {
    serial: own?.identity.leaf.serial,
    sourceIdentity: own?.session.sourceIdentity,
    identity,
    mapping: side.mapping,
  });
}

/** The way that kubectl walks, hop by hop, with a session and a token of its own: nothing is taken from the cache, nothing stored. */
import type { Environment } from "../foundation/environment.ts";
import type { GetTokenInput } from "../sign-in/input.ts";
import type { Identity } from "../identity/identity.ts";
import type { Session } from "../rolesanywhere/session.ts";
import { auditHop } from "./hops/audit-hop.ts";
import { withAwsAuthRead } from "./evidence/aws-auth-given.ts";
import { certificateHop } from "./hops/certificate-hop.ts";
import { clusterSide } from "./cluster-side.ts";
import { entryHops, type Entry } from "./hops/entry-hops.ts";
import { Findings } from "./report/findings.ts";
import { foreignKind, foreignSide } from "./foreign-credential.ts";
import { kubeconfigHop, type Place } from "./hops/kubeconfig-hop.ts";
import { reportOf, type Found } from "./report/report-of.ts";
import type { Report } from "./report/report.ts";
import { notingSecrets } from "./report/sent-secrets.ts";
import { mintedToken, sessionHops } from "./hops/session-hops.ts";
import { stsHop } from "./hops/sts-hop.ts";
import { tokenHop } from "./hops/token-hop.ts";
import type { WalkRequest, World } from "./world.ts";

export async function walk(given: WalkRequest, outside: World): Promise<Report> {
  const findings = new Findings(outside.starting);
  const found: Found = { isAccepted: false, isOffline: given.isOffline, secrets: [] };
  const world = notingSecrets(outside, found.secrets);
  const request = await withAwsAuthRead(given, world);
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
    const { credential } = entry;
    found.secrets.push(credential.token, credential.clientCertificate?.key ?? "");
    Object.assign(found, await foreignSide(findings, { kind: foreign, credential, place }, world));
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
  { isOffline, clusterName }: WalkRequest,
  world: World,
): Promise<SignedIn | undefined> {
  if (entry.kind === "other")
    return {
      env: entry.env,
      token: entry.credential.token,
      clusterName: clusterName ?? entry.clusterName ?? (entry.env["EKS_X509_CLUSTER_NAME"] || undefined),
    };
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
  const question = {
    request,
    accessKeyId: claims.accessKeyId ?? "",
    clusterName,
    env,
    isNeeded: asking.place === undefined,
  };
  found.identity = await stsHop(findings, question, world);
  if (!findings.hasFailed) await onTheClustersSide(findings, found, asking, world);
}

async function onTheClustersSide(
  findings: Findings,
  found: Found,
  { own, place, token, env, request }: Asking,
  world: World,
): Promise<void> {
  const { identity } = found;
  const side = await clusterSide(
    findings,
    { identity, token, place, env, own, mapping: request.mapping },
    world,
  );
  found.mapping = side.mapping;
  found.isAccepted = side.isAccepted;
  if (!identity) return;
  auditHop(findings, {
    serial: own?.identity.leaf.serial,
    sourceIdentity: own?.session.sourceIdentity,
    identity,
    mapping: side.mapping,
  });
}

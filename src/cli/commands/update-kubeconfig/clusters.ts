/** Which clusters update-kubeconfig writes: as EKS describes them, or as the options do. */
import type { Region } from "../../../aws/partition.ts";
import { eksApi, type EksApi } from "../../../aws/eks/api.ts";
import { describeCluster, type EksCluster } from "../../../aws/eks/describe-cluster.ts";
import { listClusters } from "../../../aws/eks/list-clusters.ts";
import { sessionKey } from "../../../cache/cache-key.ts";
import { readIdentityFiles } from "../../../sign-in/identity-files.ts";
import { nearNames } from "../../../foundation/edit-distance.ts";
import { EksX509Error } from "../../../foundation/errors.ts";
import type { HopLog } from "../../../foundation/ports.ts";
import { printable } from "../../../foundation/printable.ts";
import type { Http } from "../../../http/client.ts";
import { identityFrom, openSigner, readCertificateFiles } from "../../../identity/identity.ts";
import type { WrittenCluster } from "../../../kubeconfig/edit/cluster-entries.ts";
import type { SessionInput } from "../../../sign-in/input.ts";
import { whileRenewed } from "../../../sign-in/renewal.ts";
import type { Ports, SignIn } from "../../../sign-in/ports.ts";
import { logOf, signInWith } from "../get-token/run.ts";
import { certificateAuthorityData, type GivenCluster, type UpdateKubeconfigInput } from "./input.ts";

export interface ClustersToWrite {
  found: WrittenCluster[];
  /** What fails for one cluster leaves the others. */
  missed: { name: string; error: EksX509Error }[];
}

/** @throws EksX509Error when none can be asked for */
export async function clustersToWrite(
  input: UpdateKubeconfigInput,
  log: HopLog,
  root: Ports,
): Promise<ClustersToWrite> {
  if (input.given) return { found: [await asGiven(input.given, input, root)], missed: [] };
  const answers = await askForClusters(
    { ...input },
    {
      ...signInWith(root, input.session.cache, log),
      eksHttp: () => root.http(logOf("eks", log)),
      progress: progressTo(root),
    },
  );
  return sorted(answers, input);
}

function sorted(answers: readonly ClusterAnswer[], { region }: UpdateKubeconfigInput): ClustersToWrite {
  const found: ClustersToWrite["found"] = [];
  const missed: ClustersToWrite["missed"] = [];
  for (const { name, outcome } of answers)
    if (outcome instanceof EksX509Error) missed.push({ name, error: outcome });
    else found.push({ ...outcome, region: region.name });
  return { found, missed };
}

/**
 * Certificate and key are looked at as for a session, or nobody would before kubectl. Not for paths below the home folder of
 * whoever uses the file: they may lie on other machines.
 */
async function checkIdentity(
  { session: { files }, isHomeRelative }: UpdateKubeconfigInput,
  root: Ports,
): Promise<void> {
  if (isHomeRelative) return;
  await whileRenewed(async () => {
    const identity = await readIdentityFiles(files, root);
    const certificates = readCertificateFiles(identity);
    identityFrom(certificates, await openSigner(identity.signer, certificates), root.clock());
  });
}

/** Its ARN, of which the entries' names are made, is that of a cluster in the role's account. */
async function asGiven(
  { name, endpoint, certificateAuthority }: GivenCluster,
  input: UpdateKubeconfigInput,
  root: Ports,
): Promise<WrittenCluster> {
  await checkIdentity(input, root);
  const role = { given: "--certificate-authority", hop: "configuration", category: "usage" } as const;
  const { region, session } = input;
  const { partition, account } = session.parameters.role;
  return {
    arn: `arn:${partition.name}:eks:${region.name}:${account}:cluster/${name}`,
    tokenName: name,
    region: region.name,
    endpoint: endpoint.origin,
    certificateAuthority: certificateAuthorityData(await root.readFile(certificateAuthority, role)),
  };
}

/** A line for each of several, where somebody waits for them. */
function progressTo({ streams: { stderr, terminal } }: Ports) {
  return ({ name, outcome }: ClusterAnswer, done: number, all: number): void => {
    if (all === 1 || !terminal.stderr) return;
    const how = outcome instanceof EksX509Error ? `not found out (${outcome.code})` : "found";
    stderr(`${done} of ${all}: ${printable(name)} ${how}\n`).catch(() => undefined);
  };
}

export interface ClusterQuestion {
  session: SessionInput;
  /** Of the clusters. */
  region: Region;
  /** EKS's, of that region, or an override. */
  eksEndpoint: URL;
  /** In the order in which they are written. */
  clusters: readonly string[] | "all";
}

export interface ClusterAnswer {
  name: string;
  outcome: EksCluster | EksX509Error;
}

export interface ClusterPorts extends SignIn {
  /** For EKS: as `http`, told as the hop that it is. */
  eksHttp: () => Promise<Http>;
  /** Told of each cluster, when EKS has answered for it. */
  progress: (answer: ClusterAnswer, done: number, all: number) => void;
}

/** So many clusters are asked for at the same time; EKS grants an account ten such calls a second. */
const atOnce = 4;

/**
 * @returns one answer for each cluster, in their order; what fails for one alone stands in its answer
 * @throws EksX509Error when there is no session, or no list
 */
export async function askForClusters(
  question: ClusterQuestion,
  ports: ClusterPorts,
): Promise<ClusterAnswer[]> {
  const eks = await signedIn(question, ports);
  const names = question.clusters === "all" ? await allClusters(eks, question.region) : question.clusters;
  const answers: ClusterAnswer[] = [];
  for (let start = 0; start < names.length; start += atOnce) {
    const asked = names.slice(start, start + atOnce).map(async (name) => {
      const answer = { name, outcome: await settled(describeCluster(eks, name)) };
      answers.push(answer);
      ports.progress(answer, answers.length, names.length);
    });
    await Promise.all(asked);
  }
  const found = names.flatMap((name) => answers.filter((answer) => answer.name === name));
  return withNearNames(found, eks);
}

async function signedIn(
  { session, region, eksEndpoint }: ClusterQuestion,
  ports: ClusterPorts,
): Promise<EksApi> {
  // Together with get-token's own way to a session, of which this is the same code.
  const { sessionFor } = await import("../../../sign-in/miss.ts");
  const record = await whileRenewed(async () => {
    const files = await readIdentityFiles(session.files, ports);
    const key = sessionKey({ ...session, fingerprints: files.fingerprints }, ports.sha256);
    return sessionFor({ input: session, files, key }, ports);
  });
  const http = await ports.eksHttp();
  return eksApi({ session: record.session, region, endpoint: eksEndpoint }, { http, clock: ports.clock });
}

async function allClusters(eks: EksApi, region: Region): Promise<string[]> {
  const names = await listClusters(eks);
  if (names.length > 0) return names;
  throw new EksX509Error({
    category: "refused",
    hop: "eks",
    code: "EKS_NO_CLUSTERS",
    message: `EKS lists no cluster in ${region.name}`,
    hint: "Check --region, and that the role belongs to the account of the clusters.",
  });
}

/** A cluster that cannot be had leaves the others; what is not a known failure is a defect, and ends all. */
async function settled(cluster: Promise<EksCluster>): Promise<EksCluster | EksX509Error> {
  return cluster.catch((error: unknown) => {
    if (error instanceof EksX509Error) return error;
    throw error;
  });
}

/** The wrong region or a misspelt name is the commonest mistake: where the role may list the clusters, those that there are. */
async function withNearNames(answers: ClusterAnswer[], eks: EksApi): Promise<ClusterAnswer[]> {
  if (!answers.some(({ outcome }) => isMissing(outcome))) return answers;
  const names = await listClusters(eks).catch(() => undefined);
  if (names === undefined) return answers;
  return answers.map(({ name, outcome }) => ({
    name,
    outcome: isMissing(outcome) ? hintedAt(outcome, name, names) : outcome,
  }));
}

function isMissing(outcome: ClusterAnswer["outcome"]): outcome is EksX509Error {
  return outcome instanceof EksX509Error && outcome.code === "EKS_CLUSTER_NOT_FOUND";
}

function hintedAt(error: EksX509Error, name: string, names: readonly string[]): EksX509Error {
  const there =
    names.length === 0
      ? "EKS lists no cluster."
      : `EKS lists: ${nearNames(name, names).join(", ")}${names.length > 5 ? " …" : ""}.`;
  return error.withHint(`${there} ${error.hint}`);
}

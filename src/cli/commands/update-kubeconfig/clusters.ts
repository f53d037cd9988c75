/** The clusters that update-kubeconfig writes: described by EKS, or by the user's options. */
import { eksApi, type EksApi } from "../../../aws/eks/api.ts";
import { describeCluster, type EksCluster } from "../../../aws/eks/describe-cluster.ts";
import { listClusters } from "../../../aws/eks/list-clusters.ts";
import { checkIdentity } from "../../../sign-in/check-identity.ts";
import { getSession } from "../../../sign-in/get-session.ts";
import { finalRole } from "../../../sign-in/input.ts";
import { nearNames } from "../../../foundation/edit-distance.ts";
import { EksX509Error, errorsOf, settled } from "../../../foundation/errors.ts";
import type { HopLog } from "../../../foundation/ports.ts";
import { printable } from "../../../foundation/shown.ts";
import type { Http } from "../../../http/client.ts";
import type { WrittenCluster } from "../../../kubeconfig/edit/cluster-entries.ts";
import type { Ports, SignIn } from "../../../sign-in/ports.ts";
import { logOf, signInWith } from "../get-token/run.ts";
import { certificateAuthorityData, type GivenCluster, type UpdateKubeconfigInput } from "./input.ts";

export interface ClustersToWrite {
  found: WrittenCluster[];
  /** The failure of one cluster does not affect the others. */
  missed: { name: string; error: EksX509Error }[];
}

export async function clustersToWrite(
  input: UpdateKubeconfigInput,
  log: HopLog,
  root: Ports,
): Promise<ClustersToWrite> {
  if (input.given) return { found: [await asGiven(input.given, input, root)], missed: [] };
  const answers = await askForClusters(input, {
    ...signInWith(root, input.session.cache, log),
    eksHttp: () => root.http(logOf("eks", log)),
    progress: progressTo(root),
  });
  const result: ClustersToWrite = { found: [], missed: [] };
  for (const { name, outcome } of answers)
    if (outcome instanceof EksX509Error) result.missed.push({ name, error: outcome });
    else result.found.push({ ...outcome, region: input.region.name });
  return result;
}

/** The ARN, which names the entries, is that of a cluster in the role's account. */
async function asGiven(
  { name, endpoint, certificateAuthority }: GivenCluster,
  input: UpdateKubeconfigInput,
  root: Ports,
): Promise<WrittenCluster> {
  // With --home-relative, paths below the home folder can be those of other machines.
  if (!input.isHomeRelative) await checkIdentity(input.session.files, root);
  const role = { given: "--certificate-authority", hop: "configuration", category: "usage" } as const;
  const { region, session } = input;
  const { partition, account } = finalRole(session);
  return {
    arn: `arn:${partition.name}:eks:${region.name}:${account}:cluster/${name}`,
    tokenName: name,
    region: region.name,
    endpoint: endpoint.origin,
    certificateAuthority: certificateAuthorityData(await root.readFile(certificateAuthority, role)),
  };
}

function progressTo({ streams: { stderr, terminal } }: Ports): ClusterPorts["progress"] {
  return ({ name, outcome }, done, all) => {
    if (all === 1 || !terminal.stderr) return;
    const how = outcome instanceof EksX509Error ? `failed (${outcome.code})` : "found";
    stderr(`${done} of ${all}: ${printable(name)} ${how}\n`).catch(() => undefined);
  };
}

type ClusterQuestion = Pick<UpdateKubeconfigInput, "session" | "region" | "eksEndpoint" | "clusters">;

export interface ClusterAnswer {
  name: string;
  outcome: EksCluster | EksX509Error;
}

export interface ClusterPorts extends SignIn {
  /** `http` with the hop of EKS. */
  eksHttp: () => Promise<Http>;
  progress: (answer: ClusterAnswer, done: number, all: number) => void;
}

/** Number of clusters to describe at the same time. EKS allows an account ten such calls a second. */
const atOnce = 4;

/**
 * @returns one answer for each cluster, in their order; the failure of one cluster is in its answer
 * @throws EksX509Error if there is no session or no list
 */
export async function askForClusters(
  question: ClusterQuestion,
  ports: ClusterPorts,
): Promise<ClusterAnswer[]> {
  const eks = await signedIn(question, ports);
  const names = question.clusters === "all" ? await allClusters(eks, question) : question.clusters;
  const answers: ClusterAnswer[] = [];
  let done = 0;
  for (let start = 0; start < names.length; start += atOnce) {
    const asked = names.slice(start, start + atOnce).map(async (name) => {
      const answer = { name, outcome: await settled(describeCluster(eks, name)) };
      ports.progress(answer, ++done, names.length);
      return answer;
    });
    answers.push(...(await Promise.all(asked)));
  }
  return withNearNames(answers, eks);
}

async function signedIn(
  { session, region, eksEndpoint }: ClusterQuestion,
  ports: ClusterPorts,
): Promise<EksApi> {
  const record = await getSession(session, ports);
  const http = await ports.eksHttp();
  return eksApi({ session: record.session, region, endpoint: eksEndpoint }, { http, clock: ports.clock });
}

async function allClusters(eks: EksApi, { region }: ClusterQuestion): Promise<string[]> {
  const names = await listClusters(eks);
  if (names.length > 0) return names;
  throw errorsOf("refused", "eks")(
    "EKS_NO_CLUSTERS",
    `EKS lists no cluster in ${region.name}`,
    "Check --region, and that the role belongs to the account of the clusters.",
  );
}

/** A wrong region and a misspelt name are the most common mistakes, so the hint lists the clusters that the role can list. */
async function withNearNames(answers: ClusterAnswer[], eks: EksApi): Promise<ClusterAnswer[]> {
  if (!answers.some(({ outcome }) => isMissing(outcome))) return answers;
  const names = await listClusters(eks).catch(() => undefined);
  if (names === undefined) return answers;
  return answers.map(({ name, outcome }) => {
    if (!isMissing(outcome)) return { name, outcome };
    const near = `: ${nearNames(name, names).join(", ")}${names.length > 5 ? " …" : ""}`;
    const hint = `EKS lists${names.length === 0 ? " no cluster" : near}. ${outcome.hint}`;
    return { name, outcome: outcome.withHint(hint) };
  });
}

function isMissing(outcome: ClusterAnswer["outcome"]): outcome is EksX509Error {
  return outcome instanceof EksX509Error && outcome.code === "EKS_CLUSTER_NOT_FOUND";
}

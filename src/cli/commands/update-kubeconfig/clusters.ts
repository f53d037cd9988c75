/** The use case: with a session, what EKS knows of the clusters to write. Which entries become of it, and where, is the command's. */
import { sessionKey } from "../../../cache/cache-key.ts";
import { readIdentityFiles } from "../../../cache/identity-files.ts";
import type { Region } from "../../../aws/partition.ts";
import { eksApi, type EksApi } from "../../../aws/eks/api.ts";
import { describeCluster, type EksCluster } from "../../../aws/eks/describe-cluster.ts";
import { listClusters } from "../../../aws/eks/list-clusters.ts";
import { EksX509Error } from "../../../foundation/errors.ts";
import type { SignIn } from "../../../sign-in/ports.ts";
import type { Http } from "../../../http/client.ts";
import type { SessionInput } from "../../../sign-in/input.ts";
import { nearNames } from "../../../kubeconfig/read/near-names.ts";

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
  const files = await readIdentityFiles(session.files, ports);
  const key = sessionKey({ ...session, fingerprints: files.fingerprints });
  // Together with get-token's own way to a session, of which this is the same code.
  const { sessionFor } = await import("../../../sign-in/new-token.ts");
  const record = await sessionFor(session, files, key, ports);
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
      ? "There is no cluster at all."
      : `There are: ${nearNames(name, names).join(", ")}${names.length > 5 ? " …" : ""}.`;
  return error.withHint(`${there} ${error.hint}`);
}

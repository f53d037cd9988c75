/** The endpoints of the sandbox, for AWS and for each cluster, and the connections between them. */
import type { Account, Cluster } from "./aws/account.ts";
import { createAwsEndpoint } from "./aws/aws-endpoint.ts";
import { createSessions } from "./aws/sessions.ts";
import type { ClusterAccess } from "./cluster/cluster-access.ts";
import { type ClusterOptions, type StartedCluster, startCluster } from "./cluster/sandbox-cluster.ts";
import type { SandboxCertificates } from "./sandbox-certificates.ts";
import type { SandboxFolder } from "./sandbox-folder.ts";
import { type LoopbackServer, startServer } from "./server.ts";
import { trailFile } from "./aws/trail-file.ts";
import type { Handler, OnEvent } from "./wire.ts";

export interface ServersOptions {
  account: Omit<Account, "clusters">;
  region: string;
  clusterNames: readonly [string, ...string[]];
  /** The same for every cluster. */
  access: ClusterAccess;
  certificates: SandboxCertificates;
  folder: SandboxFolder;
  /** The folder with a real kube-apiserver and etcd; undefined for the embedded API. */
  controlPlane?: { assets: string } | undefined;
  /** Cancels a start in progress. */
  signal?: AbortSignal | undefined;
  now: () => Date;
  onEvent: OnEvent;
}

export interface SandboxServers {
  aws: LoopbackServer;
  /** In the order of their options. */
  clusters: readonly [StartedCluster, ...StartedCluster[]];
  close(): Promise<void>;
}

/** Starts all of them on free ports. */
export async function startServers(options: ServersOptions): Promise<SandboxServers> {
  const { certificates, now } = options;
  const serve = (handler: Handler): Promise<LoopbackServer> =>
    startServer({ handler, ...certificates.server, now });
  // DescribeCluster returns the address of the Kubernetes API, which is known only after its start.
  const described: Cluster[] = [];
  const account = { ...options.account, clusters: described };
  const onRecord = trailFile(options.folder.path);
  const aws = await serve(createAwsEndpoint({ ...options, account, sessions: createSessions(), onRecord }));
  const started: StartedCluster[] = [];
  const start = async (name: string): Promise<StartedCluster> => {
    const cluster = await startCluster({ ...options, ...ofCluster(name, options), stsPort: aws.port, serve });
    started.push(cluster);
    described.push(cluster.description);
    return cluster;
  };
  const close = async (): Promise<void> => {
    await Promise.all([aws.close(), ...started.map(({ kubernetes }) => kubernetes.close())]);
  };
  try {
    return { aws, clusters: await eachStarted(options.clusterNames, start), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One after the other, because real API servers that start together slow each other down. */
async function eachStarted(
  [first, ...others]: ServersOptions["clusterNames"],
  start: (name: string) => Promise<StartedCluster>,
): Promise<SandboxServers["clusters"]> {
  const clusters: [StartedCluster, ...StartedCluster[]] = [await start(first)];
  for (const name of others) clusters.push(await start(name));
  return clusters;
}

/** With several clusters, each has its own folder, and its events name it. */
function ofCluster(
  name: string,
  { clusterNames, onEvent }: ServersOptions,
): Pick<ClusterOptions, "name" | "controlPlaneFolder" | "onEvent"> {
  if (clusterNames.length === 1) return { name, controlPlaneFolder: "control-plane", onEvent };
  return {
    name,
    controlPlaneFolder: `control-plane-${name}`,
    onEvent: (event) => {
      onEvent({ ...event, cluster: name });
    },
  };
}

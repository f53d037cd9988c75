/** The sandbox's two endpoints, and how they know each other. */
import type { Account, Cluster } from "./account/account.ts";
import { createAwsEndpoint } from "./account/aws-endpoint.ts";
import { createSessions } from "./account/sessions.ts";
import { askSts } from "./authenticator/ask-sts.ts";
import { type Authenticator, createAuthenticator } from "./authenticator/authenticator.ts";
import type { AwsAuthLists } from "./aws-auth-file.ts";
import { startControlPlane } from "./control-plane/control-plane.ts";
import { startEmbedded } from "./embedded-kubernetes.ts";
import type { KubernetesSide } from "./kubernetes-side.ts";
import type { SandboxCertificates } from "./sandbox-certificates.ts";
import type { SandboxFolder } from "./sandbox-folder.ts";
import { type LoopbackServer, startServer } from "./server.ts";
import type { Handler, OnEvent } from "./wire.ts";

export interface ServersOptions {
  account: Omit<Account, "clusters">;
  region: string;
  clusterName: string;
  awsAuth: AwsAuthLists;
  certificates: SandboxCertificates;
  folder: SandboxFolder;
  /** The folder that holds a real kube-apiserver and etcd; undefined for the embedded API. */
  controlPlane?: { assets: string } | undefined;
  /** Ends a start that takes its time. */
  signal?: AbortSignal | undefined;
  now: () => Date;
  onEvent: OnEvent;
}

export interface SandboxServers {
  aws: LoopbackServer;
  kubernetes: KubernetesSide;
  cluster: Cluster;
  authenticator: Authenticator;
  close(): Promise<void>;
}

type Serve = (handler: Handler) => Promise<LoopbackServer>;

/** Starts both on free ports. */
export async function startServers(options: ServersOptions): Promise<SandboxServers> {
  const { certificates, now } = options;
  const serve: Serve = (handler) => startServer({ handler, ...certificates.server, now });
  // DescribeCluster tells the Kubernetes API's address, which is not known before that has started.
  const clusters: Cluster[] = [];
  const account = { ...options.account, clusters };
  const aws = await serve(createAwsEndpoint({ ...options, account, sessions: createSessions() }));
  try {
    const { authenticator, kubernetes } = await startKubernetes(options, aws.port, serve);
    const cluster = describe(options, kubernetes);
    clusters.push(cluster);
    const close = async (): Promise<void> => {
      await Promise.all([aws.close(), kubernetes.close()]);
    };
    return { aws, kubernetes, cluster, authenticator, close };
  } catch (error) {
    await aws.close();
    throw error;
  }
}

/** The Kubernetes API asks the authenticator, which reads aws-auth from the Kubernetes API. */
async function startKubernetes(
  options: ServersOptions,
  stsPort: number,
  serve: Serve,
): Promise<{ authenticator: Authenticator; kubernetes: KubernetesSide }> {
  const { account, certificates, controlPlane } = options;
  // Nobody is known before the ConfigMap is there.
  let awsAuth: KubernetesSide["awsAuth"] = () => ({});
  const authenticator = createAuthenticator({
    ...options,
    partition: account.partition,
    ask: askSts({ port: stsPort, certificateAuthority: certificates.tlsAuthority.certificate }),
    awsAuth: () => awsAuth(),
  });
  const kubernetes = controlPlane
    ? await startControlPlane({ ...options, ...controlPlane, authenticator, serve })
    : await startEmbedded({ ...options, authenticator, serve });
  awsAuth = kubernetes.awsAuth;
  return { authenticator, kubernetes };
}

function describe(
  { account, region, clusterName, certificates, now }: ServersOptions,
  { url, version }: KubernetesSide,
): Cluster {
  return {
    name: clusterName,
    arn: `arn:${account.partition}:eks:${region}:${account.id}:cluster/${clusterName}`,
    endpoint: url,
    certificateAuthority: certificates.tlsAuthority.certificate,
    status: "ACTIVE",
    authenticationMode: "CONFIG_MAP",
    createdAt: now(),
    version,
  };
}

/** One cluster of the sandbox: its Kubernetes API, its authenticator, and its description for EKS. */
import type { Account, Cluster } from "../aws/account.ts";
import { askSts } from "./authenticator/ask-sts.ts";
import { type Authenticator, createAuthenticator } from "./authenticator/authenticator.ts";
import { type ClusterAccess, accessEntry } from "./cluster-access.ts";
import { startControlPlane } from "./control-plane/control-plane.ts";
import { startEmbedded } from "./embedded-kubernetes.ts";
import type { KubernetesSide } from "./kubernetes-side.ts";
import type { SandboxCertificates } from "../sandbox-certificates.ts";
import type { SandboxFolder } from "../sandbox-folder.ts";
import type { LoopbackServer } from "../server.ts";
import type { Handler, OnEvent } from "../wire.ts";

export interface ClusterOptions {
  name: string;
  account: Omit<Account, "clusters">;
  region: string;
  access: ClusterAccess;
  certificates: SandboxCertificates;
  folder: SandboxFolder;
  /** The folder with a real kube-apiserver and etcd; undefined for the embedded API. */
  controlPlane?: { assets: string } | undefined;
  /** The name of its subfolder in the sandbox's folder, for a real API server. */
  controlPlaneFolder: string;
  /** Cancels a start in progress. */
  signal?: AbortSignal | undefined;
  /** Port of the sandbox's STS. */
  stsPort: number;
  now: () => Date;
  onEvent: OnEvent;
  serve: (handler: Handler) => Promise<LoopbackServer>;
}

export interface StartedCluster {
  kubernetes: KubernetesSide;
  authenticator: Authenticator;
  /** The answer of DescribeCluster. */
  description: Cluster;
}

/** The Kubernetes API calls the authenticator, which reads aws-auth from the Kubernetes API. */
export async function startCluster(options: ClusterOptions): Promise<StartedCluster> {
  const { access, account, certificates, name, stsPort } = options;
  const cluster = newCluster(options);
  // Nothing is mapped before the ConfigMap exists.
  let awsAuth: KubernetesSide["awsAuth"] = () => ({});
  const authenticator = createAuthenticator({
    ...options,
    ...cluster,
    partition: account.partition,
    clusterName: name,
    ask: askSts({ port: stsPort, certificateAuthority: certificates.tlsAuthority.certificate }),
    awsAuth: () => awsAuth(),
  });
  const kubernetes = await startKubernetes({ ...options, awsAuth: access.awsAuth, authenticator });
  awsAuth = kubernetes.awsAuth;
  const { url, version } = kubernetes;
  return { kubernetes, authenticator, description: { ...cluster, endpoint: url, version } };
}

function startKubernetes({
  controlPlane,
  ...options
}: ClusterOptions & Parameters<typeof startEmbedded>[0]): Promise<KubernetesSide> {
  return controlPlane ? startControlPlane({ ...options, ...controlPlane }) : startEmbedded(options);
}

/** Its description before the address is known. */
function newCluster({
  name,
  access,
  account,
  region,
  certificates,
  now,
}: ClusterOptions): Omit<Cluster, "endpoint" | "version"> {
  const arn = `arn:${account.partition}:eks:${region}:${account.id}:cluster/${name}`;
  const createdAt = now();
  return {
    name,
    arn,
    createdAt,
    certificateAuthority: certificates.tlsAuthority.certificate,
    status: "ACTIVE",
    authenticationMode: access.authenticationMode,
    accessEntries: account.roles.flatMap((role) => {
      const group = access.entries.get(role.arn);
      return group === undefined ? [] : [accessEntry(role, group, { name, arn, createdAt })];
    }),
  };
}

/** The sandbox's two endpoints, and how they know each other. */
import type { Account, Cluster } from "./account/account.ts";
import { createAwsEndpoint } from "./account/aws-endpoint.ts";
import { createSessions } from "./account/sessions.ts";
import { askSts } from "./authenticator/ask-sts.ts";
import { type Authenticator, createAuthenticator } from "./authenticator/authenticator.ts";
import type { AwsAuthLists } from "./aws-auth-file.ts";
import { createTokenReview } from "./authenticator/token-review.ts";
import { createKubernetesApi } from "./kubernetes/api.ts";
import type { SandboxCertificates } from "./sandbox-certificates.ts";
import { type LoopbackServer, startServer } from "./server.ts";
import type { Handler, OnEvent } from "./wire.ts";

export interface ServersOptions {
  account: Omit<Account, "clusters">;
  region: string;
  clusterName: string;
  awsAuth: AwsAuthLists;
  certificates: SandboxCertificates;
  now: () => Date;
  onEvent: OnEvent;
}

export interface SandboxServers {
  aws: LoopbackServer;
  kubernetes: LoopbackServer;
  cluster: Cluster;
  authenticator: Authenticator;
  close(): Promise<void>;
}

/** Starts both on free ports. */
export async function startServers(options: ServersOptions): Promise<SandboxServers> {
  const { certificates, now } = options;
  const start = (handler: Handler): Promise<LoopbackServer> =>
    startServer({ handler, ...certificates.server, now });
  // DescribeCluster tells the Kubernetes API's address, which is not known before that has started.
  const clusters: Cluster[] = [];
  const account = { ...options.account, clusters };
  const aws = await start(createAwsEndpoint({ ...options, account, sessions: createSessions() }));
  const { authenticator, handler } = controlPlane(options, aws.port);
  const review = createTokenReview(authenticator);
  // The webhook, for an API server of the user's own: kube-apiserver --authentication-token-webhook-config-file.
  const kubernetes = await start((request) =>
    request.path === "/authenticate" ? review(request) : handler(request),
  );
  const close = async (): Promise<void> => {
    await Promise.all([aws.close(), kubernetes.close()]);
  };
  const cluster = describe(options, kubernetes.url);
  clusters.push(cluster);
  return { aws, kubernetes, cluster, authenticator, close };
}

/** The Kubernetes API asks the authenticator, which reads aws-auth from the Kubernetes API. */
function controlPlane(
  { account, region, clusterName, awsAuth, certificates, now, onEvent }: ServersOptions,
  port: number,
): { authenticator: Authenticator; handler: Handler } {
  const api = createKubernetesApi({
    authenticate: (token) => authenticator.authenticate(token),
    awsAuth,
    onEvent,
    now,
  });
  const authenticator = createAuthenticator({
    partition: account.partition,
    region,
    clusterName,
    ask: askSts({ port, certificateAuthority: certificates.tlsAuthority.certificate }),
    awsAuth: api.awsAuth,
    now,
    onEvent,
  });
  return { authenticator, handler: api.handler };
}

function describe(
  { account, region, clusterName, certificates, now }: ServersOptions,
  endpoint: string,
): Cluster {
  return {
    name: clusterName,
    arn: `arn:${account.partition}:eks:${region}:${account.id}:cluster/${clusterName}`,
    endpoint,
    certificateAuthority: certificates.tlsAuthority.certificate,
    status: "ACTIVE",
    authenticationMode: "CONFIG_MAP",
    createdAt: now(),
    version: "1.33",
  };
}

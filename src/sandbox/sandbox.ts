/** The other side of the wire on one machine: Roles Anywhere, STS, EKS, and clusters with authenticator and Kubernetes API. */
import { join } from "node:path";
import type { AuthenticationMode } from "../aws/eks/describe-cluster.ts";
import { Secrets } from "../foundation/secrets.ts";
import { createAwsEndpoint } from "./aws/aws-endpoint.ts";
import { type Account, type AccountOptions, type SandboxAccount, sandboxAccount } from "./aws/account.ts";
import { type Session, createSessions } from "./aws/sessions.ts";
import { trailName } from "./aws/trail.ts";
import type { Authenticator } from "./cluster/authenticator/authenticator.ts";
import { administratorOf, administratorsKey as newAdministratorsKey } from "./aws/iam/administrator.ts";
import {
  type ClusterAccess,
  clusterAccess,
  creatorsAccess,
  readAwsAuthFile,
} from "./cluster/cluster-access.ts";
import { type ClusterOptions, startCluster } from "./cluster/sandbox-cluster.ts";
import { auditLogName } from "./cluster/control-plane/programs.ts";
import { OwnSecrets } from "./own-secrets.ts";
import { createCertificates, readTrustAnchor } from "./sandbox-certificates.ts";
import { recordFile } from "./record-file.ts";
import { type SandboxFolder, createFolder } from "./sandbox-folder.ts";
import { type LoopbackServer, startServer } from "./server.ts";
import type { Handler, OnEvent } from "./wire.ts";

export interface SandboxOptions extends AccountOptions {
  temporaryFolder: string;
  now: () => Date;
  onEvent: OnEvent;
  secrets?: Secrets;
  /** Unique names; `demo` if undefined. */
  clusterNames?: readonly [string, ...string[]] | undefined;
  /** For every cluster; CONFIG_MAP if undefined. */
  authenticationMode?: AuthenticationMode | undefined;
  /** PEM of the CA of a user's own certificate. It replaces the sandbox's CA. */
  trustAnchor?: string | Uint8Array | undefined;
  awsAuth?: string | undefined;
  /** The absolute path of a folder with kube-apiserver and etcd. They replace the embedded API. */
  controlPlane?: { assets: string } | undefined;
  /** Cancels a start in progress, which then throws. A real API server takes some seconds. */
  signal?: AbortSignal | undefined;
}

export interface SandboxCluster {
  clusterName: string;
  clusterArn: string;
  /** `https://127.0.0.1:port`. */
  kubernetesEndpoint: string;
  /** The running program: `embedded`, or for example `kube-apiserver v1.34.4`. */
  kubernetes: string;
  authenticator: Authenticator;
}

/** The fields of a single cluster are those of the first one. */
export interface Sandbox extends SandboxCluster, Omit<SandboxAccount, "account"> {
  /** Private to the user. `close` removes it. */
  folder: string;
  /** PEM: the CA of both endpoints' TLS, for AWS_CA_BUNDLE and a kubeconfig. */
  caFile: string;
  /** PEM: the user's leaf, then its intermediate. */
  certificateFile: string;
  /** PEM, PKCS#8. */
  privateKeyFile: string;
  accountId: string;
  partition: string;
  /** Whether the clusters map the administrator. */
  isAdministered: boolean;
  clusters: readonly SandboxCluster[];
  /** `https://127.0.0.1:port`, for AWS_ENDPOINT_URL. */
  awsEndpoint: string;
  /** The access key of an IAM user who may call everything. */
  administratorsKey: Session;
  close(): Promise<void>;
}

/** Starts the sandbox. @throws {EksX509Error} for unusable input, and for a control plane that does not start */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const folder = await createFolder(options.temporaryFolder);
  try {
    return await startIn(folder, options);
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

async function startIn(folder: SandboxFolder, options: SandboxOptions): Promise<Sandbox> {
  const { clusterNames = ["demo"], now } = options;
  const certificates = await createCertificates(now());
  const trustAnchor =
    options.trustAnchor === undefined ? certificates.root.certificate : readTrustAnchor(options.trustAnchor);
  const { account, ...names } = sandboxAccount(options, trustAnchor);
  const access = accessIn(account, names.roleArns, options);
  const { tlsAuthority, user, intermediate } = certificates;
  await folder.write("trust-anchor.pem", trustAnchor);
  const files = {
    caFile: await folder.write("ca.pem", tlsAuthority.certificate),
    certificateFile: await folder.write("user.pem", user.certificate + intermediate.certificate),
    privateKeyFile: await folder.write("user.key", user.privateKey),
  };
  const { region } = names;
  const secrets = new OwnSecrets(options.secrets ?? new Secrets(), certificates);
  const onEvent: OnEvent = (event) => {
    options.onEvent(secrets.event(event));
  };
  const given = { ...options, account, region, clusterNames, access, certificates, folder };
  const servers = await startServers({ ...given, secrets, onEvent });
  return {
    ...servers.clusters[0],
    ...names,
    ...files,
    folder: folder.path,
    accountId: account.id,
    partition: account.partition,
    isAdministered: access.isAdministered,
    clusters: servers.clusters,
    awsEndpoint: servers.aws.url,
    administratorsKey: servers.administratorsKey,
    close: async () => {
      await servers.close();
      await folder.remove();
    },
  };
}

function accessIn(
  account: Account,
  roleArns: SandboxAccount["roleArns"],
  { isEmpty = false, authenticationMode, awsAuth, assumeRoleArn }: SandboxOptions,
): ClusterAccess {
  if (isEmpty)
    return creatorsAccess(authenticationMode ?? "API_AND_CONFIG_MAP", administratorOf(account).arn);
  const own = awsAuth === undefined ? undefined : readAwsAuthFile(awsAuth);
  const [first, ...administrators] = roleArns;
  return clusterAccess(authenticationMode ?? "CONFIG_MAP", [assumeRoleArn ?? first, ...administrators], own);
}

type ServersOptions = Omit<
  ClusterOptions,
  "name" | "controlPlaneFolder" | "stsPort" | "serve" | "onAudit"
> & {
  clusterNames: readonly [string, ...string[]];
  secrets: OwnSecrets;
};

async function startServers(options: ServersOptions) {
  const { certificates, clusterNames, now, secrets } = options;
  const serve = (handler: Handler): Promise<LoopbackServer> =>
    startServer({ handler: secrets.noting(handler), ...certificates.server, now });
  // DescribeCluster returns the address of the Kubernetes API, which is known only after its start.
  const { sessions, administratorsKey } = sessionsOf(options);
  const logTo = (...path: string[]) =>
    recordFile(join(options.folder.path, ...path), (texts) => secrets.texts(texts));
  const onRecord = logTo(trailName);
  const auditLog = (own: ReturnType<typeof ofCluster>) => logTo(own.controlPlaneFolder, auditLogName);
  const aws = await serve(createAwsEndpoint({ ...options, sessions, onRecord }));
  const running: Pick<LoopbackServer, "close">[] = [aws];
  const start = async (name: string): Promise<SandboxCluster> => {
    const own = ofCluster(name, options);
    const common = { ...options, ...own, onAudit: auditLog(own), stsPort: aws.port, serve };
    const { kubernetes, authenticator, description } = await startCluster(common);
    running.push(kubernetes);
    options.account.clusters.push(description);
    return {
      clusterName: name,
      clusterArn: description.arn,
      kubernetesEndpoint: kubernetes.url,
      kubernetes: kubernetes.kind,
      authenticator,
    };
  };
  const close = async (): Promise<void> => {
    await Promise.all(running.map((each) => each.close()));
  };
  try {
    const [first, ...others] = clusterNames;
    // One after the other, because real API servers that start together slow each other down.
    const clusters: [SandboxCluster, ...SandboxCluster[]] = [await start(first)];
    for (const name of others) clusters.push(await start(name));
    return { aws, clusters, administratorsKey, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** No session yet, only the key of the administrator. */
function sessionsOf({ account, secrets }: ServersOptions) {
  const sessions = createSessions(secrets);
  const administratorsKey = newAdministratorsKey(account);
  sessions.add(administratorsKey);
  secrets.add(administratorsKey.secretAccessKey);
  return { sessions, administratorsKey };
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

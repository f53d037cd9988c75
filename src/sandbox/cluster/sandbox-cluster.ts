/** One cluster of the sandbox: its Kubernetes API, its authenticator, and its description for EKS. */
import type { AccessEntry, Account, Cluster } from "../aws/account.ts";
import { parseArn } from "../aws/arn.ts";
import { entryArn, usualUsername } from "../aws/eks/access-entries.ts";
import { principalId } from "../aws/iam/principals.ts";
import { askSts } from "./loopback-client.ts";
import { createAuthenticator, createTokenReview } from "./authenticator/authenticator.ts";
import type { ClusterAccess, KubernetesOptions, KubernetesSide } from "./cluster-access.ts";
import { type ControlPlaneOptions, startControlPlane } from "./control-plane/control-plane.ts";
import { createKubernetesApi } from "./embedded-api/api.ts";
import type { OnAudit } from "./embedded-api/exchange/audit-event.ts";
import { serverVersion } from "./embedded-api/paths.ts";

/** `controlPlaneFolder` and `signal` are for a real API server. */
export interface ClusterOptions
  extends
    Pick<KubernetesOptions, "onEvent" | "serve">,
    Omit<ControlPlaneOptions, keyof KubernetesOptions | "assets"> {
  name: string;
  account: Account;
  region: string;
  access: ClusterAccess;
  controlPlane?: { assets: string } | undefined;
  /** Of the embedded API. A real API server writes its own log. */
  onAudit: OnAudit;
  stsPort: number;
  now: () => Date;
}

/** The Kubernetes API calls the authenticator, which reads aws-auth from the Kubernetes API. */
export async function startCluster(options: ClusterOptions) {
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
  const { controlPlane, ...own } = { ...options, awsAuth: access.awsAuth, authenticator };
  const kubernetes = await (controlPlane
    ? startControlPlane({ ...own, ...controlPlane })
    : startEmbedded(own));
  awsAuth = kubernetes.awsAuth;
  const { url, version } = kubernetes;
  const description: Cluster = { ...cluster, endpoint: url, version };
  return { kubernetes, authenticator, description };
}

/** Its description before the address is known, with access entries as EKS creates them. */
function newCluster(options: ClusterOptions): Omit<Cluster, "endpoint" | "version"> {
  const { name, access, account, region, certificates } = options;
  // A second role is there for the clusters of its account.
  const [second] = account.otherRoles;
  const owner = (second && parseArn(second.arn)?.account) ?? account.id;
  const arn = `arn:${account.partition}:eks:${region}:${owner}:cluster/${name}`;
  const createdAt = options.now();
  const accessEntry = (principalArn: string, group: string): AccessEntry => ({
    arn: entryArn({ arn, name }, principalArn),
    principalArn,
    principalId: principalId(account, principalArn) ?? "",
    username: usualUsername(principalArn),
    kubernetesGroups: [group],
    type: "STANDARD",
    createdAt,
    modifiedAt: createdAt,
    tags: {},
    policies: [],
  });
  return {
    name,
    arn,
    createdAt,
    certificateAuthority: certificates.tlsAuthority.certificate,
    status: "ACTIVE",
    authenticationMode: access.authenticationMode,
    accessEntries: Array.from(access.entries, ([principalArn, group]) => accessEntry(principalArn, group)),
  };
}

export async function startEmbedded(
  options: KubernetesOptions & { now: () => Date; onAudit?: OnAudit },
): Promise<KubernetesSide> {
  const { authenticator, serve } = options;
  const api = createKubernetesApi({ ...options, authenticate: (token) => authenticator.authenticate(token) });
  const review = createTokenReview(authenticator);
  // The webhook for a user's own API server: kube-apiserver --authentication-token-webhook-config-file.
  const server = await serve((request) =>
    request.path === "/authenticate" ? review(request) : api.handler(request),
  );
  return {
    url: server.url,
    kind: "embedded",
    version: `${serverVersion.major}.${serverVersion.minor.replace("+", "")}`,
    awsAuth: api.awsAuth,
    close: () => server.close(),
  };
}

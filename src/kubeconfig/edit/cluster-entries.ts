/**
 * The entries that update-kubeconfig writes for one cluster: cluster, user and context.
 *
 * The users entry contains the identity and the role; the cluster's extension contains the values of the cluster. So one
 * users entry serves every cluster of a role, and two roles of one cluster are two users and two contexts.
 */
import type { KubeconfigEntries } from "./entries.ts";

export interface WrittenCluster {
  /** As EKS returns it: `arn:aws:eks:us-west-2:111122223333:cluster/demo`. */
  arn: string;
  tokenName: string;
  region: string;
  /** `https://…` of the API server. */
  endpoint: string;
  /** Base64 of PEM. */
  certificateAuthority: string;
}

export interface WrittenUser {
  /** `arn:aws:iam::111122223333:role/eks-read-only`. */
  roleArn: string;
  roleName: string;
  /** get-token's options, except those of the cluster. No secrets. */
  options: readonly (readonly [name: string, value: string])[];
}

export interface EntryForm {
  execApiVersion: "v1" | "v1beta1";
  /** A name on PATH, or an absolute path. */
  command: string;
  /** All values in args, for clients that pass no cluster information to exec plugins. */
  inlineArgs: boolean;
  proxyUrl: string | undefined;
  /** The names of context and user that replace the default names. */
  alias: string | undefined;
  userAlias: string | undefined;
  isCurrent: boolean;
  /** get-token may have to ask for the password of the key. client-go then says whether there is a terminal. */
  mayAsk?: boolean | undefined;
  /** `NAME=URL#HASH`: for a server that is no EKS endpoint, so that get-token knows it as the server of this cluster. */
  server?: string | undefined;
}

/** Not a bare name of a package, because anybody can publish one. */
export const installHint =
  "eks-x509 is missing. Install it from https://github.com/eks-x509/eks-x509/releases, or from a clone, as the README there describes.";

/**
 * The names depend only on the ARNs: the same command always writes the same entries, and another role or cluster writes
 * others. The AWS CLI names its entries by the bare ARN, and replaces an entry of that name, including the extension.
 */
export function clusterEntries(
  cluster: WrittenCluster,
  user: WrittenUser,
  form: EntryForm,
): KubeconfigEntries {
  const both = `${user.roleName}@${cluster.arn}`;
  const clusterName = `x509@${cluster.arn}`;
  const userName = form.userAlias ?? (form.inlineArgs ? both : user.roleArn);
  return {
    cluster: { name: clusterName, cluster: clusterEntry(cluster, form) },
    user: { name: userName, user: { exec: execEntry(cluster, user, form) } },
    context: { name: form.alias ?? both, context: { cluster: clusterName, user: userName } },
    isCurrent: form.isCurrent,
  };
}

/** Always with the extension, because another users entry of the cluster can need it. */
function clusterEntry(cluster: WrittenCluster, { proxyUrl }: EntryForm): object {
  return {
    server: cluster.endpoint,
    "certificate-authority-data": cluster.certificateAuthority,
    ...(proxyUrl !== undefined && { "proxy-url": proxyUrl }),
    extensions: [
      {
        name: "client.authentication.k8s.io/exec",
        extension: Object.fromEntries(clusterOptions(cluster)),
      },
    ],
  };
}

function execEntry(cluster: WrittenCluster, { options }: WrittenUser, form: EntryForm): object {
  const { execApiVersion, command, inlineArgs, mayAsk, server } = form;
  const ofCluster = server === undefined ? [] : [["cluster-servers", server] as const];
  const given = inlineArgs ? [...clusterOptions(cluster), ...options] : [...options, ...ofCluster];
  return {
    apiVersion: `client.authentication.k8s.io/${execApiVersion}`,
    command,
    args: ["get-token", ...given.map(([name, value]) => `--${name}=${value}`)],
    interactiveMode: mayAsk === true ? "IfAvailable" : "Never",
    ...(!inlineArgs && { provideClusterInfo: true }),
    installHint,
  };
}

function clusterOptions({ tokenName, region }: WrittenCluster): [string, string][] {
  return [
    ["cluster-name", tokenName],
    ["region", region],
  ];
}

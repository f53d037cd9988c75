/**
 * What update-kubeconfig writes for one cluster: its entry, the user's and the context's.
 *
 * The users entry holds the identity and the role, the cluster's extension what belongs to the cluster. So one users entry serves
 * every cluster of one role, and two roles of one cluster are two users and two contexts beside one cluster.
 */
import type { KubeconfigEntries } from "./edit.ts";

export interface WrittenCluster {
  /** As EKS knows it: `arn:aws:eks:us-west-2:111122223333:cluster/demo`. */
  arn: string;
  /** What a token names. */
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
  /** Without its path. */
  roleName: string;
  /** get-token's options, but those that belong to the cluster. No secrets. */
  options: readonly (readonly [name: string, value: string])[];
}

export interface EntryForm {
  execApiVersion: "v1" | "v1beta1";
  /** A name on PATH, or an absolute path. */
  command: string;
  /** Everything in args, for clients that pass no cluster information to exec plugins. */
  inlineArgs: boolean;
  proxyUrl: string | undefined;
  /** The context's name, and the user's, in place of those that follow from the cluster and the role. */
  alias: string | undefined;
  userAlias: string | undefined;
  isCurrent: boolean;
}

const installHint = "eks-x509 is missing. Install it with: npm install --global eks-x509";

export function clusterEntries(
  cluster: WrittenCluster,
  user: WrittenUser,
  form: EntryForm,
): KubeconfigEntries {
  const names = entryNames(cluster, user, form);
  return {
    cluster: { name: names.cluster, cluster: clusterEntry(cluster, form) },
    user: { name: names.user, user: { exec: execEntry(cluster, user, form) } },
    context: { name: names.context, context: { cluster: names.cluster, user: names.user } },
    isCurrent: form.isCurrent,
  };
}

/**
 * They follow from the ARNs alone, whatever the file holds: the same command always writes the same entries, and another role or
 * cluster always others. The AWS CLI names its entries by the bare ARN, and replaces what has that name, extension and all.
 */
export function entryNames(
  { arn }: Pick<WrittenCluster, "arn">,
  { roleArn, roleName }: Pick<WrittenUser, "roleArn" | "roleName">,
  { alias, userAlias, inlineArgs }: Pick<EntryForm, "alias" | "userAlias" | "inlineArgs">,
): { cluster: string; user: string; context: string } {
  const both = `${roleName}@${arn}`;
  return {
    cluster: `x509@${arn}`,
    user: userAlias ?? (inlineArgs ? both : roleArn),
    context: alias ?? both,
  };
}

/** With the extension in any case: another users entry of the same cluster may need it. */
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
  const { execApiVersion, command, inlineArgs } = form;
  const given = inlineArgs ? [...clusterOptions(cluster), ...options] : options;
  return {
    apiVersion: `client.authentication.k8s.io/${execApiVersion}`,
    command,
    args: ["get-token", ...given.map(([name, value]) => `--${name}=${value}`)],
    // get-token never asks anybody anything.
    interactiveMode: "Never",
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

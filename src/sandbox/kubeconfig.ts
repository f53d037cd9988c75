/** The kubeconfig of a sandbox: its clusters, and a user for each role of each cluster. Its exec entry runs the plugin. */
import { dump } from "js-yaml";

export interface KubeconfigOptions {
  /** Absolute path of the plugin. */
  program: string;
  /** `server` is the Kubernetes API. */
  clusters: readonly { name: string; server: string }[];
  region: string;
  /** PEM of the common CA of all Kubernetes APIs. */
  certificateAuthority: string;
  /** Absolute paths. */
  certificate: string;
  privateKey: string;
  trustAnchorArn: string;
  profileArn: string;
  /** The first is the current context. */
  contexts: readonly KubeconfigContext[];
  /** The variables with which the plugin finds the sandbox, in every process. */
  env: Readonly<Record<string, string>>;
}

export interface KubeconfigContext {
  name: string;
  clusterName: string;
  roleArn: string;
}

/** YAML. */
export function kubeconfig(options: KubeconfigOptions): string {
  const { clusters, certificateAuthority, contexts } = options;
  const authority = Buffer.from(certificateAuthority).toString("base64");
  return dump(
    {
      apiVersion: "v1",
      kind: "Config",
      "current-context": contexts[0]?.name ?? "",
      clusters: clusters.map(({ name, server }) => ({
        name,
        cluster: { server, "certificate-authority-data": authority },
      })),
      contexts: contexts.map(({ name, clusterName }) => ({
        name,
        context: { cluster: clusterName, user: name },
      })),
      users: contexts.map((context) => ({
        name: context.name,
        user: { exec: execEntry(options, context) },
      })),
    },
    { lineWidth: -1 },
  );
}

function execEntry(options: KubeconfigOptions, { clusterName, roleArn }: KubeconfigContext) {
  return {
    apiVersion: "client.authentication.k8s.io/v1",
    command: options.program,
    args: [
      "get-token",
      `--cluster-name=${clusterName}`,
      `--region=${options.region}`,
      `--certificate=${options.certificate}`,
      `--private-key=${options.privateKey}`,
      `--trust-anchor-arn=${options.trustAnchorArn}`,
      `--profile-arn=${options.profileArn}`,
      `--role-arn=${roleArn}`,
    ],
    env: Object.entries(options.env).map(([name, value]) => ({ name, value })),
    interactiveMode: "Never",
  };
}

/** The kubeconfig of a sandbox: one cluster, and for each role a user whose exec entry runs the plugin itself. */
import { dump } from "js-yaml";

export interface KubeconfigOptions {
  /** Absolute path of the plugin. */
  program: string;
  clusterName: string;
  region: string;
  /** The Kubernetes API. */
  server: string;
  /** PEM of the CA of the Kubernetes API. */
  certificateAuthority: string;
  /** Absolute paths. */
  certificate: string;
  privateKey: string;
  trustAnchorArn: string;
  profileArn: string;
  /** The first is the current context. */
  contexts: readonly { name: string; roleArn: string }[];
  /** What the plugin needs to find the sandbox, whoever starts it. */
  env: Readonly<Record<string, string>>;
}

/** YAML. */
export function kubeconfig(options: KubeconfigOptions): string {
  const { clusterName, server, certificateAuthority, contexts } = options;
  return dump(
    {
      apiVersion: "v1",
      kind: "Config",
      "current-context": contexts[0]?.name ?? "",
      clusters: [
        {
          name: clusterName,
          cluster: {
            server,
            "certificate-authority-data": Buffer.from(certificateAuthority).toString("base64"),
          },
        },
      ],
      contexts: contexts.map(({ name }) => ({ name, context: { cluster: clusterName, user: name } })),
      users: contexts.map(({ name, roleArn }) => ({ name, user: { exec: execEntry(options, roleArn) } })),
    },
    { lineWidth: -1 },
  );
}

function execEntry(options: KubeconfigOptions, roleArn: string) {
  return {
    apiVersion: "client.authentication.k8s.io/v1",
    command: options.program,
    args: [
      "get-token",
      `--cluster-name=${options.clusterName}`,
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

/** Entries as `update-kubeconfig` writes them. */
import type { KubeconfigEntries } from "../../../src/kubeconfig/edit/entries.ts";

export function entriesFor(cluster: string, overrides: Partial<KubeconfigEntries> = {}): KubeconfigEntries {
  return {
    cluster: {
      name: cluster,
      cluster: {
        "certificate-authority-data": "Q0E=",
        extensions: [{ extension: { "cluster-name": cluster }, name: "client.authentication.k8s.io/exec" }],
        server: `https://${cluster}.eks.example`,
      },
    },
    user: {
      name: "robot",
      user: {
        exec: {
          apiVersion: "client.authentication.k8s.io/v1",
          args: ["get-token", "--certificate=/etc/robot.pem"],
          command: "eks-x509",
          interactiveMode: "Never",
          provideClusterInfo: true,
        },
      },
    },
    context: { name: cluster, context: { cluster, user: "robot" } },
    isCurrent: true,
    ...overrides,
  };
}

/** Where the sandbox's clients send their tokens: the embedded API, or a real kube-apiserver. */
export interface KubernetesSide {
  /** `https://127.0.0.1:port`. */
  url: string;
  /** What runs: `embedded`, or `kube-apiserver v1.34.4`. */
  kind: string;
  /** As DescribeCluster tells it: `1.34`. */
  version: string;
  /** The data of ConfigMap kube-system/aws-auth as it is now; empty when somebody has deleted it. */
  awsAuth: () => Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** The API server of a sandbox cluster: the embedded API, or a real kube-apiserver. */
export interface KubernetesSide {
  /** `https://127.0.0.1:port`. */
  url: string;
  /** The running program: `embedded`, or `kube-apiserver v1.34.4`. */
  kind: string;
  /** As DescribeCluster returns it: `1.34`. */
  version: string;
  /** The present data of ConfigMap kube-system/aws-auth; empty if it was deleted. */
  awsAuth: () => Readonly<Record<string, string>>;
  close(): Promise<void>;
}

import type { LoopbackServer } from "../server.ts";
import type { Handler, OnEvent } from "../wire.ts";
import type { Authenticator } from "./authenticator/authenticator.ts";
import type { AwsAuthLists } from "./cluster-access.ts";

/** What every API server of a sandbox cluster needs. */
export interface KubernetesOptions {
  authenticator: Authenticator;
  /** The initial data of the ConfigMap; undefined if there is none. */
  awsAuth: AwsAuthLists | undefined;
  onEvent: OnEvent;
  serve: (handler: Handler) => Promise<LoopbackServer>;
}

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

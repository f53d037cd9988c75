/** DescribeCluster: where a cluster's API server is, and by which CA it is known. EKS API reference, DescribeCluster. */
import { EksX509Error } from "../errors.ts";
import { isObject } from "../json.ts";
import { malformedAnswer, type EksApi } from "./eks-api.ts";

const permission = "eks:DescribeCluster";

export const authenticationModes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;
export type AuthenticationMode = (typeof authenticationModes)[number];

export interface EksCluster {
  name: string;
  arn: string;
  /** What a token names: the name, or of a local cluster on AWS Outposts its id. */
  tokenName: string;
  status: string;
  /** `https://…` of the API server. */
  endpoint: string;
  /** Base64 of the CA's certificate in PEM. */
  certificateAuthority: string;
  /** Undefined where EKS tells none, or one that came after this program. */
  authenticationMode: AuthenticationMode | undefined;
}

/**
 * @param name of a form that EKS allows
 * @throws EksX509Error EKS_CLUSTER_STATUS for one that is being made or deleted, or has failed; as eksApi throws
 */
export async function describeCluster(eks: EksApi, name: string): Promise<EksCluster> {
  const { cluster } = await eks({ permission, path: ["clusters", name] });
  if (!isObject(cluster)) throw malformedAnswer(permission, "cluster");
  const status = text(cluster, "status", /^[A-Z_]{1,40}$/);
  // A cluster that is being made has neither endpoint nor CA yet.
  if (status !== "ACTIVE" && status !== "UPDATING") throw notReady(name, status);
  const { certificateAuthority, accessConfig, outpostConfig } = cluster;
  const mode = isObject(accessConfig) ? accessConfig["authenticationMode"] : undefined;
  return {
    name: text(cluster, "name", /^[0-9A-Za-z][\w-]{0,99}$/),
    arn: text(cluster, "arn", /^arn:[\w-]{1,40}:eks:[a-z0-9-]{1,40}:\d{12}:cluster\/[\w-]{1,100}$/),
    tokenName: isObject(outpostConfig) ? text(cluster, "id", /^[0-9A-Za-z][\w-]{0,99}$/) : name,
    status,
    endpoint: text(cluster, "endpoint", /^https:\/\/[\w.:[\]-]{1,500}\/?$/),
    certificateAuthority: authority(
      isObject(certificateAuthority) ? certificateAuthority["data"] : undefined,
    ),
    authenticationMode: authenticationModes.find((known) => known === mode),
  };
}

function text(cluster: Record<string, unknown>, field: string, form: RegExp): string {
  const value = cluster[field];
  if (typeof value === "string" && form.test(value)) return value;
  throw malformedAnswer(permission, `cluster.${field}`);
}

/** @param data untrusted: what it holds goes into a kubeconfig */
function authority(data: unknown): string {
  const decoded = typeof data === "string" ? Buffer.from(data, "base64").toString("utf8") : "";
  if (!decoded.includes("-----BEGIN CERTIFICATE-----"))
    throw malformedAnswer(permission, "cluster.certificateAuthority.data");
  return Buffer.from(decoded, "utf8").toString("base64");
}

function notReady(name: string, status: string): EksX509Error {
  return new EksX509Error({
    category: "refused",
    hop: "eks",
    code: "EKS_CLUSTER_STATUS",
    message: `Cluster status is ${status}: ${name}`,
    hint:
      status === "CREATING" || status === "PENDING"
        ? "Wait until it is ACTIVE."
        : "Only a cluster that is ACTIVE or UPDATING can be signed in to.",
  });
}

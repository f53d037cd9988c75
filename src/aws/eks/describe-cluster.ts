/** DescribeCluster: returns the endpoint and the CA of a cluster's API server. EKS API reference, DescribeCluster. */
import { type EksX509Error, errorsOf } from "../../foundation/errors.ts";
import { isObject } from "../../foundation/json.ts";
import { wrongServer } from "../../http/faults.ts";
import { malformedAnswer, networkError, repeatsSecret, type EksApi, type EksCaller } from "./api.ts";
import { certificateAuthority } from "./certificate-authority.ts";
import { clusterEndpoint } from "./cluster-endpoint.ts";
import { clusterNameForm } from "./names.ts";

const permission = "eks:DescribeCluster";

export const authenticationModes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;
export type AuthenticationMode = (typeof authenticationModes)[number];

export interface EksCluster {
  name: string;
  arn: string;
  /** The name in a token: the cluster's name, or the id of a local cluster on AWS Outposts. */
  tokenName: string;
  status: string;
  /** `https://…` of the API server. */
  endpoint: string;
  /** Base64 of the CA's certificates in PEM, without other content. */
  certificateAuthority: string;
  /** Undefined if EKS returns none or one that this version does not know. */
  authenticationMode: AuthenticationMode | undefined;
}

/**
 * @param name in a form that EKS allows
 * @throws EksX509Error EKS_CLUSTER_STATUS for a cluster that is being created or deleted, or has failed;
 * EKS_RESPONSE_OTHER_… for an answer about another cluster, whose entry would be overwritten; also as eksApi throws
 */
export async function describeCluster(eks: EksApi, name: string): Promise<EksCluster> {
  const { cluster } = await eks({ permission, path: ["clusters", name] });
  if (!isObject(cluster)) throw malformedAnswer(permission, "cluster");
  const text = textsOf(cluster, eks);
  const status = text("status", /^[A-Z_]{1,40}$/);
  // A cluster that is being created has no endpoint and no CA yet.
  if (status !== "ACTIVE" && status !== "UPDATING") throw notReady(name, status);
  const { certificateAuthority: authority, accessConfig, outpostConfig } = cluster;
  const mode = isObject(accessConfig) ? accessConfig["authenticationMode"] : undefined;
  return {
    name: same("name", text("name", clusterNameForm), name),
    arn: ownArn(text("arn", arnForm), name, eks.askedBy),
    tokenName: isObject(outpostConfig) ? text("id", clusterNameForm) : name,
    status,
    endpoint: known(clusterEndpoint(text("endpoint", /^.{1,512}$/)), "endpoint"),
    certificateAuthority: known(authorityIn(authority), "certificateAuthority.data"),
    authenticationMode: authenticationModes.find((known) => known === mode),
  };
}

function known(value: string | undefined, field: string): string {
  if (value !== undefined) return value;
  throw malformedAnswer(permission, `cluster.${field}`);
}

/** @returns a reader of one of the cluster's texts, which are printed or written */
function textsOf(cluster: Record<string, unknown>, eks: EksApi) {
  return (field: string, form: RegExp): string => {
    const value = cluster[field];
    const isFit = typeof value === "string" && form.test(value) && !repeatsSecret(value, eks);
    return known(isFit ? value : undefined, field);
  };
}

const arnForm = /^arn:([\w-]{1,40}):eks:([a-z0-9-]{1,40}):(\d{12}):cluster\/([\w-]{1,100})$/;

/** EKS describes only clusters of the role's own account, in the region of the endpoint. */
function ownArn(arn: string, name: string, { region, session }: EksCaller): string {
  const [, partition = "", regionName = "", account = "", cluster = ""] = arnForm.exec(arn) ?? [];
  const [, own = account] = /^arn:[^:]*:sts::(\d{12}):/.exec(session.assumedRoleArn) ?? [];
  same("partition", partition, region.partition.name);
  same("region", regionName, region.name);
  same("account", account, own);
  same("name", cluster, name);
  return arn;
}

const others = {
  name: "EKS_RESPONSE_OTHER_NAME",
  region: "EKS_RESPONSE_OTHER_REGION",
  account: "EKS_RESPONSE_OTHER_ACCOUNT",
  partition: "EKS_RESPONSE_OTHER_PARTITION",
} as const;

function same(field: keyof typeof others, answered: string, asked: string): string {
  if (answered === asked) return asked;
  const quote = (text: string): string => (field === "name" ? `"${text}"` : text);
  throw networkError(
    others[field],
    `EKS's answer to DescribeCluster is about another cluster: it has the ${field} ${quote(answered)}, not ${quote(asked)}`,
    `EKS describes only the cluster that is asked for. ${wrongServer("EKS")}`,
  );
}

function authorityIn(authority: unknown): string | undefined {
  const data = isObject(authority) ? authority["data"] : undefined;
  return typeof data === "string"
    ? certificateAuthority(Buffer.from(data, "base64").toString("utf8"))
    : undefined;
}

function notReady(name: string, status: string): EksX509Error {
  return errorsOf("refused", "eks")(
    "EKS_CLUSTER_STATUS",
    `Cluster status is ${status}: ${name}`,
    status === "CREATING" || status === "PENDING"
      ? "Wait until it is ACTIVE."
      : "You can sign in only to a cluster that is ACTIVE or UPDATING.",
  );
}

/** The principals that the sandbox's clusters map, with aws-auth, access entries or both. */
import { awsAuthIn } from "../../authenticator/mapping/aws-auth-file.ts";
import type { AuthenticationMode } from "../../aws/eks/describe-cluster.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import { sandboxUsage } from "../sandbox-error.ts";
import type { LoopbackServer } from "../server.ts";
import type { Handler, OnEvent } from "../wire.ts";
import type { Authenticator } from "./authenticator/authenticator.ts";

const listNames = ["mapRoles", "mapUsers", "mapAccounts"] as const;

/** The keys that `kube-system/aws-auth` can contain. Each value is YAML. */
export type AwsAuthLists = Partial<Record<(typeof listNames)[number], string>>;

export interface ClusterAccess {
  authenticationMode: AuthenticationMode;
  /** The initial data of the ConfigMap; undefined if there is none. */
  awsAuth: AwsAuthLists | undefined;
  /** Groups by the ARN of the role that has an access entry. */
  entries: ReadonlyMap<string, string>;
  /** Whether the administrators have access. */
  isAdministered: boolean;
}

/**
 * The first role is the one under test; the others are administrators. `own` is a user's aws-auth to rehearse. No access entry then hides its mapping of the
 * first role.
 */
export function clusterAccess(
  authenticationMode: AuthenticationMode,
  [first, ...others]: readonly [string, ...string[]],
  own: AwsAuthLists | undefined,
): ClusterAccess {
  const usual = {
    mapRoles: mappings("rolearn", [first], viewer) + mappings("rolearn", others, administrator),
  };
  if (authenticationMode === "CONFIG_MAP") {
    // The administrators of an own mapping are in mapUsers, where a role's ARN matches too. mapRoles stays unchanged.
    const isAdministered = own?.mapUsers === undefined;
    const added = { ...own, mapUsers: mappings("userarn", others, { ...administrator, username: "admin" }) };
    const awsAuth = own ? (isAdministered ? added : own) : usual;
    return { authenticationMode, awsAuth, entries: new Map(), isAdministered };
  }
  const administrators = others.map((arn): [string, string] => [arn, "eks-x509:administrators"]);
  const entries = own ? administrators : [[first, viewer.group] as const, ...administrators];
  const awsAuth = own ?? (authenticationMode === "API" ? undefined : usual);
  return { authenticationMode, awsAuth, entries: new Map(entries), isAdministered: true };
}

/** Of a new cluster in an account without roles: only its creator, an IAM user. EKS user guide, "Grant access". */
export function creatorsAccess(authenticationMode: AuthenticationMode, creatorArn: string): ClusterAccess {
  if (authenticationMode !== "CONFIG_MAP") {
    const entries = new Map([[creatorArn, "eks-x509:administrators"]]);
    return { authenticationMode, awsAuth: undefined, entries, isAdministered: true };
  }
  const awsAuth = { mapUsers: mappings("userarn", [creatorArn], { ...administrator, username: "admin" }) };
  return { authenticationMode, awsAuth, entries: new Map(), isAdministered: true };
}

const viewer = { username: "viewer:{{SessionName}}", group: "eks-x509:viewers" };
const administrator = { username: "admin:{{SessionName}}", group: "system:masters" };

/** The YAML of a list of aws-auth. mapRoles never matches a role's path. */
function mappings(
  key: "rolearn" | "userarn",
  arns: readonly string[],
  { username, group }: typeof viewer,
): string {
  const entries = arns.map((arn) => {
    const principal = key === "rolearn" ? arn.replace(/:role\/.*\//, ":role/") : arn;
    return `- ${key}: ${principal}\n  username: ${username}\n  groups:\n    - ${group}\n`;
  });
  return entries.join("");
}

/** @throws {EksX509Error} if the file has another form. The authenticator judges the content of the lists. */
export function readAwsAuthFile(text: string): AwsAuthLists {
  const data = read(text);
  const content = Object.entries(data).filter(([name]) => listNames.some((known) => known === name));
  if (content.length > 0) return Object.fromEntries(content);
  throw invalid("it contains none of mapRoles, mapUsers and mapAccounts", "The names are case-sensitive.");
}

function read(text: string): Readonly<Record<string, string>> {
  try {
    return awsAuthIn({ name: "the file", text });
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    throw invalid(error.message, error.hint);
  }
}

function invalid(problem: string, hint: string): EksX509Error {
  const message = `the aws-auth file cannot be used: ${problem}`;
  return sandboxUsage("SANDBOX_AWS_AUTH_INVALID", message, hint);
}

export interface KubernetesOptions {
  authenticator: Authenticator;
  /** The initial data of the ConfigMap; undefined if there is none. */
  awsAuth: AwsAuthLists | undefined;
  onEvent: OnEvent;
  serve: (handler: Handler) => Promise<LoopbackServer>;
}

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

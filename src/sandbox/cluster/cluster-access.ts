/** The principals that the sandbox's clusters map, with aws-auth, access entries or both. */
import { randomUUID } from "node:crypto";
import { awsAuthIn } from "../../authenticator/mapping/aws-auth-file.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import { sandboxUsage } from "../sandbox-error.ts";
import { type AccessEntry, type AuthenticationMode, type Role, parseArn, roleName } from "../aws/account.ts";

/** The first one is the role under test; the others are administrators. */
type RoleArns = readonly [string, ...string[]];

export interface ClusterAccess {
  authenticationMode: AuthenticationMode;
  /** The initial data of the ConfigMap; undefined if there is none. */
  awsAuth: AwsAuthLists | undefined;
  /** Groups by the ARN of the role that has an access entry. */
  entries: ReadonlyMap<string, string>;
  /** Whether the administrators have access. */
  isAdministered: boolean;
}

/** `own` is a user's aws-auth to rehearse. No access entry then hides its mapping of the first role. */
export function clusterAccess(
  authenticationMode: AuthenticationMode,
  roleArns: RoleArns,
  own: AwsAuthLists | undefined,
): ClusterAccess {
  if (authenticationMode === "CONFIG_MAP") return byConfigMap(roleArns, own);
  const [first, ...others] = roleArns;
  const administrators = others.map((arn): [string, string] => [arn, "eks-x509:administrators"]);
  const viewer: [string, string][] = own ? [] : [[first, "eks-x509:viewers"]];
  const usual = authenticationMode === "API" ? undefined : defaultAwsAuth(roleArns);
  return {
    authenticationMode,
    awsAuth: own ?? usual,
    entries: new Map([...viewer, ...administrators]),
    isAdministered: true,
  };
}

function byConfigMap(roleArns: RoleArns, own: AwsAuthLists | undefined): ClusterAccess {
  const lists = own ? withAdministrators(own, roleArns) : defaultAwsAuth(roleArns);
  return {
    authenticationMode: "CONFIG_MAP",
    awsAuth: lists ?? own,
    entries: new Map(),
    isAdministered: lists !== undefined,
  };
}

/** As EKS creates it from a role and its groups, with its default username. */
export function accessEntry(
  role: Role,
  group: string,
  cluster: { name: string; arn: string; createdAt: Date },
): AccessEntry {
  const { partition = "", account = "" } = parseArn(role.arn) ?? {};
  const name = roleName(role);
  const place = cluster.arn.replace(/:cluster\/.*/, ":access-entry");
  return {
    arn: `${place}/${cluster.name}/role/${account}/${name}/${randomUUID()}`,
    principalArn: role.arn,
    principalId: role.uniqueId,
    username: `arn:${partition}:sts::${account}:assumed-role/${name}/{{SessionName}}`,
    kubernetesGroups: [group],
    type: "STANDARD",
    createdAt: cluster.createdAt,
  };
}

/** Maps the first role to a read-only user and the others to administrators. aws-auth never matches a role's path. */
function defaultAwsAuth([first, ...others]: RoleArns): { mapRoles: string } {
  const entry = (arn: string, username: string, group: string): string => {
    const rolearn = arn.replace(/:role\/.*\//, ":role/");
    return `- rolearn: ${rolearn}\n  username: ${username}:{{SessionName}}\n  groups:\n    - ${group}\n`;
  };
  const administrators = others.map((arn) => entry(arn, "admin", "system:masters"));
  return { mapRoles: [entry(first, "viewer", "eks-x509:viewers"), ...administrators].join("") };
}

/**
 * A mapping to rehearse, with the sandbox's administrators added to mapUsers, where a role's ARN matches too. mapRoles
 * stays unchanged. Undefined if the mapping has its own mapUsers: then there is no administrator.
 */
function withAdministrators(lists: AwsAuthLists, [, ...others]: RoleArns): AwsAuthLists | undefined {
  if (lists.mapUsers !== undefined) return undefined;
  const entries = others.map(
    (arn) => `- userarn: ${arn}\n  username: admin\n  groups:\n    - system:masters\n`,
  );
  return { ...lists, mapUsers: entries.join("") };
}

const lists = ["mapRoles", "mapUsers", "mapAccounts"] as const;

/** The keys that `kube-system/aws-auth` can contain. Each value is YAML. */
export type AwsAuthLists = Partial<Record<(typeof lists)[number], string>>;

/** @throws {EksX509Error} if the file has another form. The authenticator judges the content of the lists. */
export function readAwsAuthFile(text: string): AwsAuthLists {
  const data = read(text);
  const content = lists.flatMap((name) => (data[name] === undefined ? [] : [[name, data[name]] as const]));
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

/** Whom the sandbox's clusters let in, and as whom: by aws-auth, by EKS's access entries, or by both. */
import { randomUUID } from "node:crypto";
import type { AccessEntry, AuthenticationMode, Role } from "../aws/account.ts";
import { roleName } from "../aws/account.ts";
import { parseArn } from "../aws/arn.ts";
import type { AwsAuthLists } from "./aws-auth-file.ts";

/** The first is the one that the sandbox is about; the others are administrators. */
type RoleArns = readonly [string, ...string[]];

export interface ClusterAccess {
  authenticationMode: AuthenticationMode;
  /** The first data of the ConfigMap; undefined when there is none. */
  awsAuth: AwsAuthLists | undefined;
  /** Groups by the ARN of the role that has an access entry. */
  entries: ReadonlyMap<string, string>;
  /** Whether the administrators are let in. */
  isAdministered: boolean;
}

/** `own` is a user's aws-auth under rehearsal: no access entry then hides what it says of the first role. */
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

/** As EKS makes it of a role and its groups, with the username that it gives to those who choose none. */
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

/** Maps the first role to a user who reads, the others to administrators. aws-auth never matches a role's path. */
function defaultAwsAuth([first, ...others]: RoleArns): { mapRoles: string } {
  const entry = (arn: string, username: string, group: string): string => {
    const rolearn = arn.replace(/:role\/.*\//, ":role/");
    return `- rolearn: ${rolearn}\n  username: ${username}:{{SessionName}}\n  groups:\n    - ${group}\n`;
  };
  const administrators = others.map((arn) => entry(arn, "admin", "system:masters"));
  return { mapRoles: [entry(first, "viewer", "eks-x509:viewers"), ...administrators].join("") };
}

/**
 * A mapping under rehearsal, with the sandbox's own administrators in mapUsers, where a role's ARN matches too: mapRoles
 * stays what it is, to the letter. Undefined where it has a mapUsers of its own: then there is no administrator.
 */
function withAdministrators(lists: AwsAuthLists, [, ...others]: RoleArns): AwsAuthLists | undefined {
  if (lists.mapUsers !== undefined) return undefined;
  const entries = others.map(
    (arn) => `- userarn: ${arn}\n  username: admin\n  groups:\n    - system:masters\n`,
  );
  return { ...lists, mapUsers: entries.join("") };
}

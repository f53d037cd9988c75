/** The AWS account that the sandbox emulates: its set-up in IAM, Roles Anywhere and EKS. */
import type { AccessEntry as ReadAccessEntry } from "../../aws/eks/access-entry.ts";
import type { AuthenticationMode } from "../../aws/eks/describe-cluster.ts";
import { requestedActions, rolesAnywhere } from "../../trust-policy/request.ts";
import { parseArn } from "./arn.ts";
import type { CertificateAuthority } from "./acm-pca/certificate-authority.ts";
import { type Role, trustPolicyIn } from "./iam/roles.ts";
import type { Crl } from "./rolesanywhere/administration/crls.ts";
import { type Profile, usualSettings } from "./rolesanywhere/administration/profiles.ts";
import type { Resource } from "./rolesanywhere/administration/resources.ts";
import type { Subject } from "./rolesanywhere/administration/subjects.ts";
import { type TrustAnchor, withDefaults } from "./rolesanywhere/administration/trust-anchors.ts";

/** A principal that EKS maps in addition to aws-auth, or instead. EKS API reference, AccessEntry. */
export interface AccessEntry extends ReadAccessEntry {
  /** `arn:aws:eks:us-west-2:111122223333:access-entry/demo/role/111122223333/eks-read-only/{uuid}`. */
  arn: string;
  /** `AROA…` of the role that the entry was created for. Another role of the same ARN does not match. */
  principalId: string;
  type: "STANDARD";
  username: string;
  kubernetesGroups: readonly string[];
  createdAt: Date;
  modifiedAt: Date;
  tags: Readonly<Record<string, string>>;
  policies: readonly AssociatedPolicy[];
}

/** A policy that EKS itself keeps, such as `arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy`. */
export interface AssociatedPolicy {
  policyArn: string;
  associatedAt: Date;
  modifiedAt: Date;
}

export interface Cluster {
  name: string;
  arn: string;
  /** `https://…` of the Kubernetes API. */
  endpoint: string;
  certificateAuthority: string;
  status: "CREATING" | "ACTIVE" | "DELETING" | "FAILED" | "UPDATING" | "PENDING";
  authenticationMode: AuthenticationMode;
  accessEntries: AccessEntry[];
  createdAt: Date;
  version: string;
}

/** An administrator's calls change the lists. */
export interface Account {
  id: string;
  partition: string;
  trustAnchors: TrustAnchor[];
  profiles: Profile[];
  crls: Crl[];
  subjects: Subject[];
  roles: Role[];
  /** Roles that can be assumed, and may be in another account. */
  otherRoles: Role[];
  clusters: Cluster[];
  authorities: CertificateAuthority[];
}

export function emptyAccount(id: string, partition: string): Account {
  return {
    id,
    partition,
    trustAnchors: [],
    profiles: [],
    crls: [],
    subjects: [],
    roles: [],
    otherRoles: [],
    clusters: [],
    authorities: [],
  };
}

export function roleName(role: Pick<Role, "arn">): string {
  return role.arn.split("/").at(-1) ?? "";
}

export interface AccountOptions {
  /** Region of the clusters, and of the trust anchor unless its ARN names another. */
  region?: string | undefined;
  /** 12 digits. */
  accountId?: string | undefined;
  trustAnchorArn?: string | undefined;
  profileArn?: string | undefined;
  roleArn?: string | undefined;
  /** A second role, which the first one can assume and the clusters map instead of it. */
  assumeRoleArn?: string | undefined;
  /** The second role's trust policy requires it. */
  externalId?: string | undefined;
  acceptRoleSessionName?: boolean | undefined;
  /** JSON, of the first role. It lets in every certificate if undefined. */
  trustDocument?: string | undefined;
  /** Seconds, of the first role. */
  maxSessionDuration?: number | undefined;
  /** Whether nothing is set up: neither trust anchor nor profile nor role. */
  isEmpty?: boolean | undefined;
  /** Maximum lifetime of every session in seconds; can be below the 900 of Roles Anywhere. 3600 if undefined. */
  sessionDuration?: number | undefined;
}

export type SandboxAccount = ReturnType<typeof sandboxAccount>;

/** The account without clusters, because their endpoints are not known yet, and the values that a client needs. In an empty account nothing has the ARNs. */
export function sandboxAccount(options: AccountOptions, trustAnchor: string) {
  const { region = "us-west-2", accountId = "111122223333", acceptRoleSessionName = true } = options;
  const { sessionDuration = 3600 } = options;
  const { partition, account: id } = parseArn(options.roleArn ?? "") ?? {
    partition: "aws",
    account: accountId,
  };
  const { trustAnchorArn, profileArn, roleArn } = arnsOf(options, { partition, region, id });
  // The first one is the default.
  const administrator = `arn:${partition}:iam::${id}:role/eks-admin`;
  const roleArns: readonly [string, ...string[]] = [roleArn, administrator];
  const isEmpty = options.isEmpty === true;
  const account = { ...emptyAccount(id, partition), otherRoles: assumedRoles(options, roleArn) };
  if (!isEmpty) {
    const settings = { durationSeconds: sessionDuration, acceptRoleSessionName, roleArns };
    account.trustAnchors.push(furnishedTrustAnchor(trustAnchorArn, trustAnchor));
    account.profiles.push(furnishedProfile(profileArn, settings));
    account.roles.push(furnishedRole(roleArn, rehearsedRole(options)));
    account.roles.push(furnishedRole(administrator, { uniqueId: uniqueIdOf(1) }));
  }
  return { account, region, isEmpty, trustAnchorArn, profileArn, roleArns };
}

function arnsOf(
  options: AccountOptions,
  { partition, region, id }: Record<"partition" | "region" | "id", string>,
) {
  const anchorRegion = parseArn(options.trustAnchorArn ?? "")?.region ?? region;
  const rolesAnywhere = `arn:${partition}:rolesanywhere:${anchorRegion}:${id}`;
  const {
    trustAnchorArn = `${rolesAnywhere}:trust-anchor/11111111-1111-1111-1111-111111111111`,
    profileArn = `${rolesAnywhere}:profile/22222222-2222-2222-2222-222222222222`,
    roleArn = `arn:${partition}:iam::${id}:role/eks-read-only`,
  } = options;
  return { trustAnchorArn, profileArn, roleArn };
}

function assumedRoles(
  { assumeRoleArn, externalId, sessionDuration }: AccountOptions,
  trusted: string,
): Role[] {
  if (assumeRoleArn === undefined) return [];
  const condition = externalId !== undefined && {
    Condition: { StringEquals: { "sts:ExternalId": externalId } },
  };
  const settings = {
    ...trustPolicyIn(trustDocument({ AWS: trusted }, condition)),
    ...{ uniqueId: "AROASANDBOXASSUMED001", maxSessionDuration: sessionDuration ?? 3600 },
  };
  return [furnishedRole(assumeRoleArn, settings)];
}

function uniqueIdOf(index: number): string {
  return `AROASANDBOXROLE${String(index + 1).padStart(6, "0")}`;
}

function rehearsedRole({ trustDocument, maxSessionDuration }: AccountOptions): Partial<Role> {
  return {
    ...(trustDocument !== undefined && trustPolicyIn(trustDocument)),
    ...(maxSessionDuration !== undefined && { maxSessionDuration }),
  };
}

/** What the sandbox has from its start, the administrator's calls aside. */
const furnishedAt = new Date("2026-01-01T00:00:00Z");

function furnished(arn: string): Resource {
  const id = arn.split("/").at(-1) ?? "";
  return {
    ...{ id, arn, name: "eks-x509-sandbox", enabled: true, tags: new Map() },
    ...{ createdAt: furnishedAt, updatedAt: furnishedAt },
  };
}

export function furnishedTrustAnchor(arn: string, certificates: string): TrustAnchor {
  return { ...furnished(arn), certificates, acmPcaArn: undefined, notificationSettings: withDefaults([]) };
}

export function furnishedProfile(arn: string, settings: Partial<Profile>): Profile {
  return {
    ...furnished(arn),
    ...usualSettings,
    createdBy: arn.replace(/rolesanywhere:[^:]*:(\d*):.*/, "iam::$1:root"),
    ...settings,
  };
}

/** Lets in every certificate that a trust anchor accepts. */
const openTrustPolicy = trustDocument({ Service: rolesAnywhere });

function trustDocument(principal: object, more: object | false = false): string {
  const statement = { Effect: "Allow", Principal: principal, Action: requestedActions, ...more };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

/** Twelve hours, so that every documented duration works. The default of IAM is one hour. */
export function furnishedRole(arn: string, settings: Partial<Role>): Role {
  const [, path = "/", name = ""] = /:role(\/(?:.*\/)?)([^/]*)$/.exec(arn) ?? [];
  return {
    ...{ name, path, arn, createdAt: furnishedAt, uniqueId: uniqueIdOf(0) },
    ...{ description: undefined, maxSessionDuration: 43200, tags: new Map() },
    ...trustPolicyIn(openTrustPolicy),
    ...{ policies: new Map(), attached: new Set<string>() },
    ...settings,
  };
}

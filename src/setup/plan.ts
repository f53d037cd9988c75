/** What an administrator sets up, parsed into types that cannot be wrong. Whatever is written comes from this. */
import type { Region } from "../aws/partition.ts";
import type { AllowedAttribute } from "./allow.ts";

export interface Plan {
  region: Region;
  cluster: string;
  anchor: { kind: "bundle"; pem: string } | { kind: "acm-pca"; arn: string };
  trustAnchorName: string;
  profileName: string;
  roleName: string;
  /** `/`, or `/team/`. */
  rolePath: string;
  allowed: readonly [AllowedAttribute, ...AllowedAttribute[]];
  mapping: "access-entry" | "aws-auth";
  groups: readonly [string, ...string[]];
  /** Whether the role can call what update-kubeconfig needs. */
  findsClusters: boolean;
  /** Seconds, 900 to 43200. */
  sessionDuration: number;
  tags: readonly Tag[];
}

/** In every file, so that a later run knows its own. */
export const mark = "Written by eks-x509 setup";

/** For the formats that another tool applies. */
export const besideSetUp =
  "What setup.sh created is removed by its clean-up.sh. A trust anchor or a profile of the same name stays beside the new one.";

export interface Tag {
  key: string;
  value: string;
}

/**
 * On all that the scripts create, so that they leave alone what somebody else created, or the set-up of another cluster or region. Roles
 * Anywhere accepts no comma.
 */
export function ownerTag({ roleName, region, cluster }: Pick<Plan, "roleName" | "region" | "cluster">): Tag {
  return { key: ownerKey, value: `${cluster}/${region.name}/${roleName.replaceAll(",", "/")}` };
}

export const ownerKey = "eks-x509-setup";

/** IAM accepts 3600 to 43200. */
export function maxSessionDuration({ sessionDuration }: Plan): number {
  return Math.max(sessionDuration, 3600);
}

export const formats = ["cli", "cloudformation", "terraform"] as const;

export type Format = (typeof formats)[number];

/** A file to write. */
export interface PlannedFile {
  name: string;
  content: string;
  isExecutable: boolean;
}

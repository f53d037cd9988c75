/**
 * The three ARNs of a session, parsed into types that cannot be wrong.
 * Forms: IAM Roles Anywhere API reference, CreateSession; IAM identifiers.
 */
import { parseRegion, partitions, type Partition, type Region } from "./partition.ts";

/** The API's own limit on each of the three ARNs. */
const longestArn = 1011;

const arnForm = /^arn:[^:]+(:[^:]*){3}:[^:]+$/;

interface CommonArn {
  text: string;
  partition: Partition;
  account: string;
}

export interface RolesAnywhereArn extends CommonArn {
  kind: "trust-anchor" | "profile";
  region: Region;
}

export interface RoleArn extends CommonArn {
  kind: "role";
  /** With the path: `team/eks-read-only`. */
  resource: string;
  /** Without the path, as STS returns it and as aws-auth compares it. */
  name: string;
}

export type SessionArn = RolesAnywhereArn | RoleArn;

/** Why a text is not an ARN of the wanted kind, for a message. It completes "the ARN …". */
export class ArnProblem {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

export function parseRolesAnywhereArn(
  text: string,
  kind: RolesAnywhereArn["kind"],
): RolesAnywhereArn | ArnProblem {
  const arn = parseSessionArn(text);
  if (arn instanceof ArnProblem || arn.kind === kind) return arn;
  return new ArnProblem(`names a ${arn.kind}, not a ${kind}`);
}

export function parseRoleArn(text: string): RoleArn | ArnProblem {
  const arn = parseSessionArn(text);
  if (arn instanceof ArnProblem || arn.kind === "role") return arn;
  return new ArnProblem(`names a ${arn.kind}, not a role`);
}

/** Accepts all three kinds, so that a message can report exchanged ARNs. */
export function parseSessionArn(text: string): SessionArn | ArnProblem {
  if (text !== text.trim()) return new ArnProblem("has white space around it");
  if (text.length > longestArn) return new ArnProblem(`is longer than ${longestArn} characters`);
  if (!arnForm.test(text))
    return new ArnProblem("is not of the form arn:partition:service:region:account:resource");
  const [, partitionName = "", service = "", region = "", account = "", resource = ""] = text.split(":");
  const partition = partitions.find(({ name }) => name === partitionName);
  if (!partition) return new ArnProblem(`names an unknown partition "${partitionName}"`);
  if (!/^\d{12}$/.test(account)) return new ArnProblem("does not contain an account id of 12 digits");
  return parseResource({ text, partition, account }, service, region, resource);
}

function parseResource(
  common: CommonArn,
  service: string,
  region: string,
  resource: string,
): SessionArn | ArnProblem {
  if (service === "iam") return parseRole(common, region, resource);
  if (service === "rolesanywhere") return parseRolesAnywhereResource(common, region, resource);
  if (service === "sts")
    return new ArnProblem("is that of an STS session; use the ARN of the IAM role, arn:…:iam::…:role/…");
  return new ArnProblem(`is of the service "${service}"`);
}

function parseRole(common: CommonArn, region: string, resource: string): RoleArn | ArnProblem {
  if (region !== "") return new ArnProblem("names a region, but a role has none");
  const match = /^role\/((?:[\x21-\x7e]{1,510}\/)?([\w+=,.@-]{1,64}))$/.exec(resource);
  if (!match) return new ArnProblem("does not end in role/NAME");
  const [, withPath = "", name = ""] = match;
  return { ...common, kind: "role", resource: withPath, name };
}

function parseRolesAnywhereResource(
  common: CommonArn,
  regionName: string,
  resource: string,
): RolesAnywhereArn | ArnProblem {
  const region = parseRegion(regionName);
  if (!region) return new ArnProblem(`names an unknown region "${regionName}"`);
  if (region.partition !== common.partition)
    return new ArnProblem(`names region ${region.name}, which is not in partition ${common.partition.name}`);
  const [, kind] = /^(trust-anchor|profile)\/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.exec(resource) ?? [];
  if (kind === "trust-anchor" || kind === "profile") return { ...common, kind, region };
  return new ArnProblem("does not end in trust-anchor/UUID or profile/UUID");
}

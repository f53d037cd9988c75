/**
 * The hosts that aws-iam-authenticator accepts as STS (pkg/token, verifySTSHostnameFormat): those that the AWS SDK for Go
 * resolves for the region in the host's name, if they belong to the verifier's partition.
 *
 * Two deliberate deviations make this reader stricter. `token debug` sends the signed URL to the host, so the host must be
 * AWS's. The verifier accepts any host whose second label is `global`; here only `sts.amazonaws.com` is global. The verifier
 * accepts any label as a region, and so `sts-fips.s3.amazonaws.com`, which is somebody's bucket; here a region has the form
 * of one, whether it exists or not.
 */
import type { CodeOf } from "../foundation/errors.ts";
import { parseRegion, partitions, type Partition } from "../aws/partition.ts";

export interface StsHost {
  partition: Partition;
  /** Undefined for the global endpoint. */
  region: string | undefined;
}

export type HostProblem = Extract<CodeOf<"refused", "token">, `TOKEN_HOST_${string}`>;

/** Where the verifier runs. Without a partition, each host is judged in its own. */
export interface VerifierPlace {
  partition?: Partition | undefined;
  /** The verifier accepts the plain hosts of its own region, even if the SDK puts that region into another partition. */
  region?: string | undefined;
}

export function judgeHost(host: string, place: VerifierPlace): StsHost | HostProblem {
  if (host === "") return "TOKEN_HOST_MISSING";
  if (isOwnHost(host, place)) return { partition: place.partition, region: place.region };
  const named = parseStsHost(host);
  if (!named) return otherwiseSpelled(host);
  const { partition = named.partition } = place;
  // GovCloud has the suffixes of the commercial partition: each verifier accepts the other's hosts.
  if (!suffixesOf(partition).includes(named.suffix)) return "TOKEN_HOST_OTHER_PARTITION";
  if (named.region === undefined && partition.name !== "aws") return "TOKEN_HOST_OTHER_PARTITION";
  return unresolved(named) ?? { partition: named.partition, region: named.region };
}

interface NamedHost extends StsHost {
  suffix: string;
  isFips: boolean;
}

function isOwnHost(host: string, place: VerifierPlace): place is { partition: Partition; region: string } {
  const { partition, region } = place;
  if (!partition || !region || !parseRegion(region)) return false;
  const suffixes = isIso(partition) ? [partition.dnsSuffix] : suffixesOf(partition);
  return suffixes.some((suffix) => host === `sts.${region}.${suffix}`);
}

function parseStsHost(host: string): NamedHost | undefined {
  const [service = "", region = "", ...rest] = host.split(".");
  const isFips = service === "sts-fips";
  const suffix = rest.join(".");
  if (host === "sts.amazonaws.com")
    return { partition: partitionOf("aws-global"), region: undefined, suffix: "amazonaws.com", isFips };
  if ((service !== "sts" && !isFips) || !isRegion(region)) return undefined;
  const partition = partitionOf(region);
  return suffixesOf(partition).includes(suffix) ? { partition, region, suffix, isFips } : undefined;
}

/** The form of a region, or a pseudo region of the SDK: `aws-cn-global`. */
function isRegion(label: string): boolean {
  return parseRegion(label) !== undefined || partitions.some(({ name }) => isPseudoRegion(label, name));
}

/** The sovereign cloud has none. */
function isPseudoRegion(label: string, partition: string): boolean {
  return label === `${partition}-global` && partition !== "aws-eusc";
}

/** Hosts in the form of an STS host that the verifier does not accept. */
function unresolved({ partition, region, suffix, isFips }: NamedHost): HostProblem | undefined {
  const isDualStack = suffix === partition.dualStackDnsSuffix;
  if (isDualStack && isIso(partition)) return "TOKEN_HOST_ISO_DUAL_STACK";
  if (!isDualStack && isFips && partition.name === "aws-us-gov") return "TOKEN_HOST_GOV_FIPS";
  return !isDualStack && !isFips && region === "aws-global" ? "TOKEN_HOST_PSEUDO_REGION" : undefined;
}

/** The verifier does not know the dual-stack suffixes of the isolated partitions. */
function isIso(partition: Partition): boolean {
  return partition.name.startsWith("aws-iso");
}

function suffixesOf({ dnsSuffix, dualStackDnsSuffix }: Partition): readonly string[] {
  return [dnsSuffix, dualStackDnsSuffix];
}

function otherwiseSpelled(host: string): HostProblem {
  const plain = host.toLowerCase().replace(/\.?(?::\d*)?$/, "");
  if (!parseStsHost(plain)) return "TOKEN_HOST_UNKNOWN";
  return host.includes(":") ? "TOKEN_HOST_PORT" : "TOKEN_HOST_SPELLING";
}

/**
 * The SDK's rule for a region's partition. It compares the whole form `us-gov-west-1`, where parseRegion compares the
 * beginning. A region that no other partition claims belongs to `aws`.
 */
function partitionOf(region: string): Partition {
  const own = partitions.find(({ name, regionPrefix }) => isRegionOf(region, name, regionPrefix));
  if (!own) throw new RangeError("the partition aws claims every region");
  return own;
}

function isRegionOf(region: string, name: string, prefix: string): boolean {
  if (name === "aws" || isPseudoRegion(region, name)) return true;
  // The sovereign cloud's regions begin with the country: eusc-de-east-1.
  const start = name === "aws-eusc" ? `${prefix}de-` : prefix;
  return region.startsWith(start) && /^\w+-\d+$/.test(region.slice(start.length));
}

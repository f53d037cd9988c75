/**
 * The hosts that aws-iam-authenticator accepts as STS (pkg/token, verifySTSHostnameFormat): those that the AWS SDK for Go
 * resolves for the region in the host, within the verifier's partition. The region need not exist: a region that no
 * other partition claims belongs to `aws`.
 *
 * There is one intended deviation: of the global hosts, only `sts.amazonaws.com` is accepted. This program calls the
 * accepted host, and must not call a host that does not belong to STS.
 */
import { partitions, type Partition } from "../aws/partition.ts";

export interface StsHost {
  partition: Partition;
  /** Undefined for the global endpoint. */
  region: string | undefined;
}

export type HostVerdict = StsHost | HostProblem;

export type HostProblem =
  | "missing"
  | "not-sts"
  | "port"
  | "spelling"
  | "gov-fips"
  | "iso-dual-stack"
  | "no-endpoint"
  | "other-partition";

/** The verifier's partition; if undefined, the partition of the host. */
export interface VerifierPlace {
  partition?: Partition | undefined;
  /** A verifier accepts the plain hosts of its own region, even if the SDK does not know the region. */
  region?: string | undefined;
}

export function judgeHost(host: string, place: VerifierPlace): HostVerdict {
  if (host === "") return "missing";
  if (isOwnHost(host, place)) return { partition: place.partition, region: place.region };
  const named = parseStsHost(host);
  if (!named) return spelledOtherwise(host);
  const { partition = named.partition } = place;
  const suffix = named.suffix;
  // GovCloud shares its suffixes with the commercial partition, and their verifiers accept each other's hosts.
  if (suffix !== partition.dnsSuffix && suffix !== partition.dualStackDnsSuffix) return "other-partition";
  // The verifier treats a region named global as the global endpoint.
  if ((named.region ?? "global") === "global" && partition.name !== "aws") return "other-partition";
  return unresolved(named) ?? { partition: named.partition, region: named.region };
}

interface NamedHost extends StsHost {
  suffix: string;
  isFips: boolean;
}

function isOwnHost(host: string, place: VerifierPlace): place is { partition: Partition; region: string } {
  const { partition, region } = place;
  if (!partition || !region || !regionForm.test(region)) return false;
  const suffixes = isIso(partition)
    ? [partition.dnsSuffix]
    : [partition.dnsSuffix, partition.dualStackDnsSuffix];
  return suffixes.some((suffix) => host === `sts.${region}.${suffix}`);
}

const regionForm = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;

function parseStsHost(host: string): NamedHost | undefined {
  const [service = "", region = "", ...rest] = host.split(".");
  const isFips = service === "sts-fips";
  if (host === "sts.amazonaws.com")
    return {
      partition: partitionOf("aws-global"),
      region: undefined,
      suffix: "amazonaws.com",
      isFips: false,
    };
  if ((service !== "sts" && !isFips) || !regionForm.test(region)) return undefined;
  const partition = partitionOf(region);
  const suffix = rest.join(".");
  if (suffix !== partition.dnsSuffix && suffix !== partition.dualStackDnsSuffix) return undefined;
  return { partition, region, suffix, isFips };
}

/** Hosts of the right form that the verifier still refuses. */
function unresolved({ partition, region, suffix, isFips }: NamedHost): HostProblem | undefined {
  const isDualStack = suffix === partition.dualStackDnsSuffix;
  if (isDualStack && isIso(partition)) return "iso-dual-stack";
  if (!isDualStack && isFips && partition.name === "aws-us-gov") return "gov-fips";
  return !isDualStack && !isFips && region === "aws-global" ? "no-endpoint" : undefined;
}

/** The verifier has no dual-stack suffix for them. */
function isIso(partition: Partition): boolean {
  return partition.name.startsWith("aws-iso");
}

function spelledOtherwise(host: string): HostProblem {
  if (!parseStsHost(plain(host))) return "not-sts";
  return host.includes(":") ? "port" : "spelling";
}

/** Lower case, without the port or the final dot. */
function plain(host: string): string {
  return host.toLowerCase().replace(/\.?(?::\d*)?$/, "");
}

/**
 * The SDK's own rule for a region's partition. It requires the complete form `us-gov-west-1`, while our parseRegion
 * requires the beginning. Its pseudo regions (`aws-cn-global`) count.
 */
function partitionOf(region: string): Partition {
  const own = partitions.find(({ name, regionPrefix }) => isRegionOf(region, name, regionPrefix));
  if (!own) throw new RangeError("no partition for what no other claims");
  return own;
}

function isRegionOf(region: string, name: string, prefix: string): boolean {
  if (name === "aws") return true;
  if (region === `${name}-global`) return name !== "aws-eusc";
  // The sovereign cloud's regions contain the country's name: eusc-de-east-1.
  const country = name === "aws-eusc" ? "de-" : "";
  return (
    region.startsWith(prefix + country) && /^\w+-\d+$/.test(region.slice(prefix.length + country.length))
  );
}

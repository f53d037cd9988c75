/** Which hosts the verifier takes for STS: the region's own, FIPS and dual-stack ones, of its own partition. */
import { type Partition, partitionById, partitionOfRegion } from "./partitions.ts";
import { bytesOf, quoted } from "./byte-string.ts";
import { formatError } from "./token-error.ts";

/** Where the verifier runs. */
export interface Place {
  partition: string;
  region: string;
}

const globalHost = "sts.amazonaws.com";

/**
 * Answers the host's region, `global` for the global host.
 * @throws {TokenError} of kind `format`.
 */
export function checkStsHost(host: string, place: Place): string {
  const region = regionOf(host);
  if (region === "global") {
    if (place.partition === "aws") return region;
    throw formatError(`global endpoint unsupported in partition ${place.partition}`);
  }
  if (!isRegion(region)) throw formatError(`invalid region identifier format provided: ${region}`);
  if (resolvedHosts(region).includes(host)) checkPartition(host, place.partition);
  else if (!ownHosts(place).includes(host)) {
    throw formatError(`unexpected hostname ${quoted(bytesOf(host))} in pre-signed URL`);
  }
  return region;
}

function regionOf(host: string): string {
  const labels = host.split(".");
  const opening = `could not parse region for pre-signed URL ${host}`;
  if (host === "") throw formatError(`${opening}, host is empty`);
  if (labels.length < 3) throw formatError(`${opening}, invalid host format: ${host}`);
  return host === globalHost ? "global" : (labels[1] ?? "");
}

function isRegion(region: string): boolean {
  return /^[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?$/.test(region);
}

/** The endpoints that the SDK resolves for a region, with and without FIPS and dual-stack. */
function resolvedHosts(region: string): readonly string[] {
  const { id, domain, dualStackDomain } = partitionOfRegion(region);
  // GovCloud's ordinary hosts are FIPS hosts.
  const fips = id === "aws-us-gov" ? "sts" : "sts-fips";
  const plain = region === "aws-global" ? globalHost : `sts.${region}.${domain}`;
  return [
    plain,
    `${fips}.${region}.${domain}`,
    `sts.${region}.${dualStackDomain}`,
    `sts-fips.${region}.${dualStackDomain}`,
  ];
}

/** The verifier's own region is taken even when the SDK does not know it yet. */
function ownHosts({ partition, region }: Place): readonly string[] {
  if (!isRegion(region)) return [];
  return domainsOf(partitionById(partition)).map((domain) => `sts.${region}.${domain}`);
}

function checkPartition(host: string, partition: string): void {
  const domain = host.split(".").slice(2).join(".");
  if (domainsOf(partitionById(partition)).includes(domain)) return;
  throw formatError(`partition {${partition}} does not support hostname ${host}`);
}

function domainsOf({ domain, dualStackDomain, acceptsDualStack }: Partition): readonly string[] {
  return acceptsDualStack ? [domain, dualStackDomain] : [domain];
}

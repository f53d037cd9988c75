/**
 * AWS partitions, and the region names that belong to each.
 *
 * test/aws/partition.test.ts compares the table with the table in the AWS SDK, so that an SDK upgrade that
 * adds a partition fails a test rather than a user.
 */

export interface Partition {
  name: string;
  regionPrefix: string;
  /** Suffix of ordinary and FIPS host names. */
  dnsSuffix: string;
  /** Suffix of dual-stack (IPv4 and IPv6) host names. */
  dualStackDnsSuffix: string;
}

/** As in the SDKs, an unknown region belongs to `aws`, so a new region needs no release. */
export const partitions: readonly Partition[] = [
  partition("aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"),
  partition("aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
  partition("aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
  partition("aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
  partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
  partition("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
  partition("aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
  partition("aws", "", "amazonaws.com", "api.aws"),
];

function partition(
  name: string,
  regionPrefix: string,
  dnsSuffix: string,
  dualStackDnsSuffix: string,
): Partition {
  return { name, regionPrefix, dnsSuffix, dualStackDnsSuffix };
}

export interface Region {
  name: string;
  partition: Partition;
}

/**
 * `us-west-2` → the region and its partition; undefined for other texts. A region becomes part of a host name, so only
 * letters, digits and hyphens are allowed.
 */
export function parseRegion(name: string): Region | undefined {
  if (!/^[a-z]{2,8}(-[a-z]{1,16}){1,3}-\d{1,2}$/.test(name)) return undefined;
  const partition = partitions.find(({ regionPrefix }) => name.startsWith(regionPrefix));
  return partition && { name, partition };
}

/** AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT. */
export interface EndpointVariant {
  fips: boolean;
  dualStack: boolean;
}

/** `rolesanywhere[-fips].{region}.{suffix}`: IAM Roles Anywhere user guide, endpoints. */
export function rolesAnywhereHost(region: Region, variant: EndpointVariant): string {
  return host("rolesanywhere", variant.fips, region, variant.dualStack);
}

/**
 * `sts[-fips].{region}.{suffix}`. In GovCloud every STS endpoint is FIPS-validated and the plain name is
 * the only single-stack one (botocore's endpoint rules).
 */
export function stsHost(region: Region, variant: EndpointVariant): string {
  const plainIsFips = region.partition.name === "aws-us-gov" && !variant.dualStack;
  return host("sts", variant.fips && !plainIsFips, region, variant.dualStack);
}

/**
 * The hosts of EKS, from the endpoint rules of the AWS SDK: `eks.{region}.{suffix}`, with FIPS `fips.eks.{region}` in
 * partition aws and `eks-fips.{region}` elsewhere. In GovCloud, as with STS, the plain single-stack name is the FIPS one.
 */
export function eksHost(region: Region, { fips, dualStack }: EndpointVariant): string {
  if (!fips || dualStack) return host("eks", fips, region, dualStack);
  if (region.partition.name === "aws") return host("fips.eks", false, region, false);
  return host("eks", region.partition.name !== "aws-us-gov", region, false);
}

function host(service: string, fips: boolean, { name, partition }: Region, dualStack: boolean): string {
  const suffix = dualStack ? partition.dualStackDnsSuffix : partition.dnsSuffix;
  return `${service}${fips ? "-fips" : ""}.${name}.${suffix}`;
}

/**
 * AWS partitions, and the region names that belong to each.
 *
 * test/aws/partition.test.ts compares the table with the table in the AWS SDK, so that an SDK upgrade that
 * adds a partition fails a test rather than a user.
 */

export interface Partition {
  name: string;
  /** The prefix of the partition's region names. */
  regionPrefix: string;
  /** Suffix of ordinary and FIPS host names. */
  dnsSuffix: string;
  /** Suffix of dual-stack (IPv4 and IPv6) host names. */
  dualStackDnsSuffix: string;
}

/** As in the SDKs, an unknown region belongs to `aws`, so a new region needs no release. */
const commercial: Partition = {
  name: "aws",
  regionPrefix: "",
  dnsSuffix: "amazonaws.com",
  dualStackDnsSuffix: "api.aws",
};

export const partitions: readonly Partition[] = [
  {
    name: "aws-us-gov",
    regionPrefix: "us-gov-",
    dnsSuffix: "amazonaws.com",
    dualStackDnsSuffix: "api.aws",
  },
  {
    name: "aws-cn",
    regionPrefix: "cn-",
    dnsSuffix: "amazonaws.com.cn",
    dualStackDnsSuffix: "api.amazonwebservices.com.cn",
  },
  {
    name: "aws-eusc",
    regionPrefix: "eusc-",
    dnsSuffix: "amazonaws.eu",
    dualStackDnsSuffix: "api.amazonwebservices.eu",
  },
  {
    name: "aws-iso",
    regionPrefix: "us-iso-",
    dnsSuffix: "c2s.ic.gov",
    dualStackDnsSuffix: "api.aws.ic.gov",
  },
  {
    name: "aws-iso-b",
    regionPrefix: "us-isob-",
    dnsSuffix: "sc2s.sgov.gov",
    dualStackDnsSuffix: "api.aws.scloud",
  },
  {
    name: "aws-iso-e",
    regionPrefix: "eu-isoe-",
    dnsSuffix: "cloud.adc-e.uk",
    dualStackDnsSuffix: "api.cloud-aws.adc-e.uk",
  },
  {
    name: "aws-iso-f",
    regionPrefix: "us-isof-",
    dnsSuffix: "csp.hci.ic.gov",
    dualStackDnsSuffix: "api.aws.hci.ic.gov",
  },
  commercial,
];

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
  return {
    name,
    partition: partitions.find(({ regionPrefix }) => name.startsWith(regionPrefix)) ?? commercial,
  };
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

/** Host names of the services, by region, FIPS and dual-stack. Measured against aws-cli 1.45 for STS. */
import type { Region } from "./partition.ts";

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

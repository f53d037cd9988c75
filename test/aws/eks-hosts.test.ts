/** As the endpoint rules of @aws-sdk/client-eks 3.1169 have it. */
import { expect, it } from "vitest";
import { eksHost, parseRegion } from "../../src/aws/partition.ts";

it.each([
  ["us-west-2", false, false, "eks.us-west-2.amazonaws.com"],
  ["us-west-2", true, false, "fips.eks.us-west-2.amazonaws.com"],
  ["us-west-2", false, true, "eks.us-west-2.api.aws"],
  ["us-west-2", true, true, "eks-fips.us-west-2.api.aws"],
  ["us-gov-west-1", false, false, "eks.us-gov-west-1.amazonaws.com"],
  ["us-gov-west-1", true, false, "eks.us-gov-west-1.amazonaws.com"],
  ["us-gov-west-1", false, true, "eks.us-gov-west-1.api.aws"],
  ["us-gov-west-1", true, true, "eks-fips.us-gov-west-1.api.aws"],
  ["cn-north-1", false, false, "eks.cn-north-1.amazonaws.com.cn"],
  ["cn-north-1", true, false, "eks-fips.cn-north-1.amazonaws.com.cn"],
  ["cn-north-1", false, true, "eks.cn-north-1.api.amazonwebservices.com.cn"],
  ["us-iso-east-1", true, false, "eks-fips.us-iso-east-1.c2s.ic.gov"],
  ["eusc-de-east-1", false, false, "eks.eusc-de-east-1.amazonaws.eu"],
  ["eusc-de-east-1", true, true, "eks-fips.eusc-de-east-1.api.amazonwebservices.eu"],
])("EKS in %s, FIPS %s, dual-stack %s: %s", (name, fips, dualStack, host) => {
  expect(eksHost(parseRegion(name) ?? expect.fail(name), { fips, dualStack })).toBe(host);
});

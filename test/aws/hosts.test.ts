import { describe, expect, it } from "vitest";
import { type Region, parseRegion, rolesAnywhereHost, stsHost } from "../../src/aws/partition.ts";
import { sdkRegions } from "./sdk-partitions.ts";

const variants = [false, true].flatMap((fips) => [false, true].map((dualStack) => ({ fips, dualStack })));

describe.each(sdkRegions)("in %s", (name, { id, outputs }) => {
  it.each(variants)("STS has the host that aws-cli presigns for: %o", (variant) => {
    const { fips, dualStack } = variant;
    const suffix = dualStack ? outputs.dualStackDnsSuffix : outputs.dnsSuffix;
    const plain = !fips || (id === "aws-us-gov" && !dualStack);
    expect(stsHost(region(name), variant)).toBe(`sts${plain ? "" : "-fips"}.${name}.${suffix}`);
  });

  it.each(variants)("Roles Anywhere has the host that its user guide names: %o", (variant) => {
    const { fips, dualStack } = variant;
    const suffix = dualStack ? outputs.dualStackDnsSuffix : outputs.dnsSuffix;
    expect(rolesAnywhereHost(region(name), variant)).toBe(
      `rolesanywhere${fips ? "-fips" : ""}.${name}.${suffix}`,
    );
  });
});

describe("written out", () => {
  it.each([
    ["us-west-2", false, false, "sts.us-west-2.amazonaws.com", "rolesanywhere.us-west-2.amazonaws.com"],
    [
      "us-west-2",
      true,
      false,
      "sts-fips.us-west-2.amazonaws.com",
      "rolesanywhere-fips.us-west-2.amazonaws.com",
    ],
    ["us-west-2", false, true, "sts.us-west-2.api.aws", "rolesanywhere.us-west-2.api.aws"],
    ["us-west-2", true, true, "sts-fips.us-west-2.api.aws", "rolesanywhere-fips.us-west-2.api.aws"],
    [
      "us-gov-west-1",
      true,
      false,
      "sts.us-gov-west-1.amazonaws.com",
      "rolesanywhere-fips.us-gov-west-1.amazonaws.com",
    ],
    [
      "us-gov-west-1",
      true,
      true,
      "sts-fips.us-gov-west-1.api.aws",
      "rolesanywhere-fips.us-gov-west-1.api.aws",
    ],
    [
      "cn-north-1",
      false,
      false,
      "sts.cn-north-1.amazonaws.com.cn",
      "rolesanywhere.cn-north-1.amazonaws.com.cn",
    ],
    [
      "cn-north-1",
      false,
      true,
      "sts.cn-north-1.api.amazonwebservices.com.cn",
      "rolesanywhere.cn-north-1.api.amazonwebservices.com.cn",
    ],
    [
      "eusc-de-east-1",
      false,
      false,
      "sts.eusc-de-east-1.amazonaws.eu",
      "rolesanywhere.eusc-de-east-1.amazonaws.eu",
    ],
  ])("%s, FIPS %s, dual-stack %s", (name, fips, dualStack, sts, rolesAnywhere) => {
    expect(stsHost(region(name), { fips, dualStack })).toBe(sts);
    expect(rolesAnywhereHost(region(name), { fips, dualStack })).toBe(rolesAnywhere);
  });
});

function region(name: string): Region {
  const parsed = parseRegion(name);
  if (!parsed) throw new Error(`no region ${name}`);
  return parsed;
}

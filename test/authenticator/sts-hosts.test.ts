import { describe, expect, it } from "vitest";
import { parseRegion, partitions, stsHost } from "../../src/aws/partition.ts";
import { judgeHost } from "../../src/authenticator/sts-hosts.ts";
import { sdkRegions } from "../aws/sdk-partitions.ts";

/** Verdicts of aws-iam-authenticator for a verifier in partition aws, and in the one named. */
describe("what the real verifier takes", () => {
  it.each([
    ["sts.amazonaws.com", "aws"],
    ["sts.us-west-2.amazonaws.com", "aws"],
    ["sts.us-west-2.amazonaws.com", "aws-us-gov"],
    ["sts.us-gov-west-1.amazonaws.com", "aws"],
    ["sts-fips.us-gov-west-1.api.aws", "aws-us-gov"],
    ["sts.xx-new-1.amazonaws.com", "aws"],
    ["sts-fips.us-gov-x-y-1.amazonaws.com", "aws"],
    ["sts.cn-x-y-1.amazonaws.com", "aws"],
    ["sts.cn-x-1.amazonaws.com.cn", "aws-cn"],
    ["sts.aws-cn-global.amazonaws.com.cn", "aws-cn"],
    ["sts-fips.aws-global.amazonaws.com", "aws"],
    ["sts-fips.us-iso-east-1.c2s.ic.gov", "aws-iso"],
  ])("%s, in %s", (host, name) => {
    expect(judgeHost(host, { partition: partition(name) })).toMatchObject({ partition: {} });
  });

  it.each([
    ["", "aws", "missing"],
    ["amazonaws.com", "aws", "not-sts"],
    ["sts.api.aws", "aws", "not-sts"],
    ["sts-fips.amazonaws.com", "aws", "not-sts"],
    ["sts.-x.amazonaws.com", "aws", "not-sts"],
    ["sts.us_west.amazonaws.com", "aws", "not-sts"],
    // The verifier takes any label as a region, and so the buckets and load balancers of strangers. Not called here.
    ...[
      "s3",
      "s3-us-west-2",
      "s3-website-us-west-2",
      "a",
      "global",
      "elb",
      "us-gov-x",
      "cn-x",
      "aws-eusc-global",
    ].flatMap((label) =>
      ["sts", "sts-fips"].map((service) => [`${service}.${label}.amazonaws.com`, "aws", "not-sts"]),
    ),
    ["sts.s3.api.aws", "aws", "not-sts"],
    ["sts.s3.amazonaws.com.cn", "aws-cn", "not-sts"],
    ["sts.US-WEST-2.amazonaws.com", "aws", "spelling"],
    ["sts.us-west-2.amazonaws.com.evil.example", "aws", "not-sts"],
    ["sts.cn-north-1.amazonaws.com", "aws", "not-sts"],
    ["sts.us-west-2.amazonaws.com.cn", "aws-cn", "not-sts"],
    ["sts.eusc-fr-east-1.amazonaws.eu", "aws-eusc", "not-sts"],
    ["sts.aws-eusc-global.amazonaws.eu", "aws-eusc", "not-sts"],
    ["STS.us-west-2.amazonaws.com", "aws", "spelling"],
    ["sts.us-west-2.amazonaws.com.", "aws", "spelling"],
    ["sts.us-west-2.amazonaws.com:443", "aws", "port"],
    ["sts.us-west-2.amazonaws.com:", "aws", "port"],
    ["sts-fips.us-gov-west-1.amazonaws.com", "aws-us-gov", "gov-fips"],
    ["sts.us-iso-east-1.api.aws.ic.gov", "aws-iso", "iso-dual-stack"],
    ["sts.aws-global.amazonaws.com", "aws", "no-endpoint"],
    ["sts.cn-north-1.amazonaws.com.cn", "aws", "other-partition"],
    ["sts.us-west-2.amazonaws.com", "aws-cn", "other-partition"],
    ["sts.amazonaws.com", "aws-us-gov", "other-partition"],
  ])("but not %j, in %s: %s", (host, name, problem) => {
    expect(judgeHost(host, { partition: partition(name) })).toBe(problem);
  });
});

describe("every host that a token of ours may name", () => {
  const variants = [false, true].flatMap((fips) => [false, true].map((dualStack) => ({ fips, dualStack })));

  it.each(sdkRegions)("is taken in %s, but for dual-stack in the isolated partitions", (name, { id }) => {
    const region = parseRegion(name);
    if (!region) throw new Error(`no region ${name}`);
    for (const variant of variants) {
      const isRefused = variant.dualStack && id.startsWith("aws-iso");
      const expected = isRefused ? "iso-dual-stack" : region;
      for (const place of [{}, { partition: region.partition }]) {
        const verdict = judgeHost(stsHost(region, variant), place);
        expect(
          typeof verdict === "object" ? { name: verdict.region, partition: verdict.partition } : verdict,
        ).toEqual(expected);
      }
    }
  });
});

describe("no host but STS's own is ever taken for the label global", () => {
  it.each(["sts.global.evil.example", "evil.global.example", "stsx.global.amazonaws.com", "sts.global."])(
    "%s",
    (host) => {
      expect(judgeHost(host, {})).toBe("not-sts");
      expect(judgeHost(host, { partition: partition("aws") })).toBe("not-sts");
    },
  );
});

describe("the hosts of the verifier's own region", () => {
  it.each([
    ["sts.us-new-x-1.c2s.ic.gov", "aws-iso", true],
    ["sts.us-new-x-1.api.aws.ic.gov", "aws-iso", false],
    ["sts-fips.us-new-x-1.c2s.ic.gov", "aws-iso", false],
    ["sts.us-new-x-1.api.amazonwebservices.com.cn", "aws-cn", true],
  ])("%s in %s: %s", (host, name, isTaken) => {
    expect(typeof judgeHost(host, { partition: partition(name), region: "us-new-x-1" }) === "object").toBe(
      isTaken,
    );
  });

  it("make no host of a region that is none", () => {
    const place = { partition: partition("aws"), region: "evil.example/" };
    expect(judgeHost("sts.evil.example/.amazonaws.com", place)).toBe("not-sts");
    expect(judgeHost("sts.s3.amazonaws.com", { partition: partition("aws"), region: "s3" })).toBe("not-sts");
  });
});

function partition(name: string): (typeof partitions)[number] | undefined {
  return partitions.find((each) => each.name === name);
}

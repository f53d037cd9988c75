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
    ["", "aws", "TOKEN_HOST_MISSING"],
    ["amazonaws.com", "aws", "TOKEN_HOST_UNKNOWN"],
    ["sts.api.aws", "aws", "TOKEN_HOST_UNKNOWN"],
    ["sts-fips.amazonaws.com", "aws", "TOKEN_HOST_UNKNOWN"],
    ["sts.-x.amazonaws.com", "aws", "TOKEN_HOST_UNKNOWN"],
    ["sts.us_west.amazonaws.com", "aws", "TOKEN_HOST_UNKNOWN"],
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
      ["sts", "sts-fips"].map((service) => [
        `${service}.${label}.amazonaws.com`,
        "aws",
        "TOKEN_HOST_UNKNOWN",
      ]),
    ),
    ["sts.s3.api.aws", "aws", "TOKEN_HOST_UNKNOWN"],
    ["sts.s3.amazonaws.com.cn", "aws-cn", "TOKEN_HOST_UNKNOWN"],
    ["sts.US-WEST-2.amazonaws.com", "aws", "TOKEN_HOST_SPELLING"],
    ["sts.us-west-2.amazonaws.com.evil.example", "aws", "TOKEN_HOST_UNKNOWN"],
    ["sts.cn-north-1.amazonaws.com", "aws", "TOKEN_HOST_UNKNOWN"],
    ["sts.us-west-2.amazonaws.com.cn", "aws-cn", "TOKEN_HOST_UNKNOWN"],
    ["sts.eusc-fr-east-1.amazonaws.eu", "aws-eusc", "TOKEN_HOST_UNKNOWN"],
    ["sts.aws-eusc-global.amazonaws.eu", "aws-eusc", "TOKEN_HOST_UNKNOWN"],
    ["STS.us-west-2.amazonaws.com", "aws", "TOKEN_HOST_SPELLING"],
    ["sts.us-west-2.amazonaws.com.", "aws", "TOKEN_HOST_SPELLING"],
    ["sts.us-west-2.amazonaws.com:443", "aws", "TOKEN_HOST_PORT"],
    ["sts.us-west-2.amazonaws.com:", "aws", "TOKEN_HOST_PORT"],
    ["sts-fips.us-gov-west-1.amazonaws.com", "aws-us-gov", "TOKEN_HOST_GOV_FIPS"],
    ["sts.us-iso-east-1.api.aws.ic.gov", "aws-iso", "TOKEN_HOST_ISO_DUAL_STACK"],
    ["sts.aws-global.amazonaws.com", "aws", "TOKEN_HOST_PSEUDO_REGION"],
    ["sts.cn-north-1.amazonaws.com.cn", "aws", "TOKEN_HOST_OTHER_PARTITION"],
    ["sts.us-west-2.amazonaws.com", "aws-cn", "TOKEN_HOST_OTHER_PARTITION"],
    ["sts.amazonaws.com", "aws-us-gov", "TOKEN_HOST_OTHER_PARTITION"],
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
      const expected = isRefused ? "TOKEN_HOST_ISO_DUAL_STACK" : region;
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
      expect(judgeHost(host, {})).toBe("TOKEN_HOST_UNKNOWN");
      expect(judgeHost(host, { partition: partition("aws") })).toBe("TOKEN_HOST_UNKNOWN");
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
    expect(judgeHost("sts.evil.example/.amazonaws.com", place)).toBe("TOKEN_HOST_UNKNOWN");
    expect(judgeHost("sts.s3.amazonaws.com", { partition: partition("aws"), region: "s3" })).toBe(
      "TOKEN_HOST_UNKNOWN",
    );
  });
});

function partition(name: string): (typeof partitions)[number] | undefined {
  return partitions.find((each) => each.name === name);
}

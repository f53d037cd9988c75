import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRegion, partitions } from "../../src/aws/partition.ts";
import { sdkPartitions, sdkRegions } from "./sdk-partitions.ts";

describe("the table of partitions is the AWS SDK's", () => {
  it("partition by partition, with both suffixes", () => {
    const ours = partitions.map(({ name, dnsSuffix, dualStackDnsSuffix }) => ({
      name,
      dnsSuffix,
      dualStackDnsSuffix,
    }));
    const theirs = sdkPartitions.map(({ id, outputs }) => ({
      name: id,
      dnsSuffix: outputs.dnsSuffix,
      dualStackDnsSuffix: outputs.dualStackDnsSuffix,
    }));
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect(ours.sort(byName)).toEqual(theirs.sort(byName));
  });

  it.each(sdkRegions)("and puts %s where the SDK does", (name, { id }) => {
    expect(parseRegion(name)).toMatchObject({ name, partition: { name: id } });
  });

  it("and puts every other region of the SDK's patterns where the SDK does", () => {
    for (const { id, regionRegex } of sdkPartitions)
      fc.assert(
        fc.property(
          fc.stringMatching(new RegExp(regionRegex)).filter((name) => parseRegion(name) !== undefined),
          (name) => {
            const first = sdkPartitions.find((candidate) => new RegExp(candidate.regionRegex).test(name));
            expect(parseRegion(name)?.partition.name).toBe(first?.id ?? id);
          },
        ),
        { numRuns: 20 },
      );
  });

  it("and takes a region that nobody knows yet for one of aws, as the SDK does", () => {
    expect(parseRegion("ax-north-1")?.partition.name).toBe("aws");
  });
});

describe("a region's name becomes part of a host name", () => {
  it.each([
    "",
    "us-west",
    "us-west-2a",
    "US-WEST-2",
    "us-west-2.",
    "us-west-2/",
    "us-west-2.evil.example#",
    "us-west-2\n",
    " us-west-2",
    "aws-global",
    "localhost",
    "us_west_2",
    "-us-west-2",
    "u-1",
  ])("so %j is none", (name) => {
    expect(parseRegion(name)).toBeUndefined();
  });

  it("so whatever passes is letters, digits and hyphens", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[a-z]{1,3}[-./@:a-z]{1,9}-\d[\s\S]?$/)),
        (name) => {
          if (parseRegion(name)) expect(name).toMatch(/^[a-z0-9-]+$/);
        },
      ),
    );
  });
});

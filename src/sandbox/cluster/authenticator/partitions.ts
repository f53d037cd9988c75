/** AWS partitions: which regions they hold, and the domains of their STS endpoints. */

export interface Partition {
  id: string;
  regions: RegExp;
  /** `sts.{region}.{domain}`. */
  domain: string;
  dualStackDomain: string;
  /** Whether the verifier takes the dual-stack domain: it does not in the secret partitions. */
  acceptsDualStack: boolean;
}

const commercial: Partition = {
  id: "aws",
  regions: /^(?:(?:us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+|aws-global)$/,
  domain: "amazonaws.com",
  dualStackDomain: "api.aws",
  acceptsDualStack: true,
};

export const partitions: readonly Partition[] = [
  commercial,
  {
    id: "aws-cn",
    regions: /^(?:cn-\w+-\d+|aws-cn-global)$/,
    domain: "amazonaws.com.cn",
    dualStackDomain: "api.amazonwebservices.com.cn",
    acceptsDualStack: true,
  },
  {
    id: "aws-eusc",
    regions: /^eusc-de-\w+-\d+$/,
    domain: "amazonaws.eu",
    dualStackDomain: "api.amazonwebservices.eu",
    acceptsDualStack: true,
  },
  {
    id: "aws-iso",
    regions: /^(?:us-iso-\w+-\d+|aws-iso-global)$/,
    domain: "c2s.ic.gov",
    dualStackDomain: "api.aws.ic.gov",
    acceptsDualStack: false,
  },
  {
    id: "aws-iso-b",
    regions: /^(?:us-isob-\w+-\d+|aws-iso-b-global)$/,
    domain: "sc2s.sgov.gov",
    dualStackDomain: "api.aws.scloud",
    acceptsDualStack: false,
  },
  {
    id: "aws-iso-e",
    regions: /^(?:eu-isoe-\w+-\d+|aws-iso-e-global)$/,
    domain: "cloud.adc-e.uk",
    dualStackDomain: "api.cloud-aws.adc-e.uk",
    acceptsDualStack: false,
  },
  {
    id: "aws-iso-f",
    regions: /^(?:us-isof-\w+-\d+|aws-iso-f-global)$/,
    domain: "csp.hci.ic.gov",
    dualStackDomain: "api.aws.hci.ic.gov",
    acceptsDualStack: false,
  },
  {
    id: "aws-us-gov",
    regions: /^(?:us-gov-\w+-\d+|aws-us-gov-global)$/,
    domain: "amazonaws.com",
    dualStackDomain: "api.aws",
    acceptsDualStack: true,
  },
];

/** The partition of a region; a region that nobody knows counts as commercial. */
export function partitionOfRegion(region: string): Partition {
  return partitions.find(({ regions }) => regions.test(region)) ?? commercial;
}

/** A partition by its id, as in `arn:aws-cn:…`. */
export function partitionById(id: string): Partition {
  return partitions.find((partition) => partition.id === id) ?? commercial;
}

/**
 * The options, declared once. This table defines the flags, their environment variables, the keys of the config file, and
 * the values that a cluster's extension can set. It imports nothing, because the fast path loads it. option-help.ts has the
 * words of --help for each.
 */

export interface Option {
  type: "string" | "boolean";
  /** The value is the path of a file. */
  isPath?: true;
  required?: true;
  /** Read in this order. */
  env: readonly string[];
  /** Whether the config file can set it. */
  inFile: boolean;
  /** Whether the cluster's client.authentication.k8s.io/exec extension can set it. Somebody else may have written that. */
  inExtension?: true;
}

export const options = {
  "cluster-name": {
    type: "string",
    required: true,
    env: ["EKS_X509_CLUSTER_NAME"],
    inFile: true,
    inExtension: true,
  },
  region: {
    type: "string",
    env: ["EKS_X509_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"],
    inFile: true,
    inExtension: true,
  },
  "cluster-servers": {
    type: "string",
    env: ["EKS_X509_CLUSTER_SERVERS"],
    inFile: true,
  },
  certificate: {
    type: "string",
    required: true,
    isPath: true,
    env: ["EKS_X509_CERTIFICATE"],
    inFile: true,
  },
  "private-key": {
    type: "string",
    required: true,
    isPath: true,
    env: ["EKS_X509_PRIVATE_KEY"],
    inFile: true,
  },
  intermediates: {
    type: "string",
    isPath: true,
    env: ["EKS_X509_INTERMEDIATES"],
    inFile: true,
  },
  "trust-anchor-arn": {
    type: "string",
    required: true,
    env: ["EKS_X509_TRUST_ANCHOR_ARN"],
    inFile: true,
    inExtension: true,
  },
  "profile-arn": {
    type: "string",
    required: true,
    env: ["EKS_X509_PROFILE_ARN"],
    inFile: true,
    inExtension: true,
  },
  "role-arn": {
    type: "string",
    required: true,
    env: ["EKS_X509_ROLE_ARN"],
    inFile: true,
    inExtension: true,
  },
  "session-duration": {
    type: "string",
    env: ["EKS_X509_SESSION_DURATION"],
    inFile: true,
  },
  "role-session-name": {
    type: "string",
    env: ["EKS_X509_ROLE_SESSION_NAME"],
    inFile: true,
  },
  endpoint: {
    type: "string",
    env: ["EKS_X509_ENDPOINT", "AWS_ENDPOINT_URL_ROLESANYWHERE", "AWS_ENDPOINT_URL"],
    inFile: true,
  },
  cache: {
    type: "string",
    env: ["EKS_X509_CACHE"],
    inFile: true,
  },
  "exec-api-version": {
    type: "string",
    env: ["EKS_X509_EXEC_API_VERSION"],
    inFile: false,
  },
  config: {
    type: "string",
    isPath: true,
    env: ["EKS_X509_CONFIG"],
    inFile: false,
  },
  verbose: {
    type: "boolean",
    env: ["EKS_X509_VERBOSE"],
    inFile: true,
  },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof options;

export const optionEntries: readonly (readonly [OptionName, Option])[] = Object.keys(options)
  .filter(isOptionName)
  .map((name) => [name, options[name]]);

export function optionNamed(name: OptionName): Option {
  return options[name];
}

export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(options, name);
}

/**
 * The options, declared once. This table defines the flags, their environment variables, the keys of the config file,
 * the values that a cluster's extension can set, and --help. It imports nothing, because the fast path loads it.
 */

export interface Option {
  type: "string" | "boolean";
  group: "Cluster" | "Identity" | "IAM Roles Anywhere" | "Cache" | "General";
  describe: string;
  /** The value is the path of a file. */
  isPath?: true;
  required?: true;
  /** Read in this order. */
  env: readonly string[];
  /** Whether the config file can set it. */
  inFile: boolean;
  /** Whether the cluster's client.authentication.k8s.io/exec extension can set it. Somebody else may have written that. */
  inExtension: boolean;
  /** Text for --help and the documentation. */
  default?: string;
}

export const options = {
  "cluster-name": {
    type: "string",
    required: true,
    group: "Cluster",
    describe: "Name of the EKS cluster",
    env: ["EKS_X509_CLUSTER_NAME"],
    inFile: true,
    inExtension: true,
  },
  region: {
    type: "string",
    group: "Cluster",
    describe: "Region of the EKS cluster; Roles Anywhere is called in the trust anchor's region",
    env: ["EKS_X509_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"],
    inFile: true,
    inExtension: true,
    default: "the trust anchor's region",
  },
  "cluster-servers": {
    type: "string",
    group: "Cluster",
    describe: "Tunnels and private names of clusters that a kubeconfig names: NAME=URL, several with spaces",
    env: ["EKS_X509_CLUSTER_SERVERS"],
    inFile: true,
    inExtension: false,
  },
  certificate: {
    type: "string",
    required: true,
    group: "Identity",
    describe: "Certificate, PEM or DER; the file can also contain the chain, in any order",
    isPath: true,
    env: ["EKS_X509_CERTIFICATE"],
    inFile: true,
    inExtension: false,
  },
  "private-key": {
    type: "string",
    required: true,
    group: "Identity",
    describe: "Private key of the certificate, PEM: RSA, or EC on P-256, P-384 or P-521",
    isPath: true,
    env: ["EKS_X509_PRIVATE_KEY"],
    inFile: true,
    inExtension: false,
  },
  intermediates: {
    type: "string",
    group: "Identity",
    describe: "Intermediate certificates, PEM, if the certificate's file does not contain them",
    isPath: true,
    env: ["EKS_X509_INTERMEDIATES"],
    inFile: true,
    inExtension: false,
  },
  "trust-anchor-arn": {
    type: "string",
    required: true,
    group: "IAM Roles Anywhere",
    describe: "Trust anchor that contains your CA",
    env: ["EKS_X509_TRUST_ANCHOR_ARN"],
    inFile: true,
    inExtension: true,
  },
  "profile-arn": {
    type: "string",
    required: true,
    group: "IAM Roles Anywhere",
    describe: "Profile that lists the role",
    env: ["EKS_X509_PROFILE_ARN"],
    inFile: true,
    inExtension: true,
  },
  "role-arn": {
    type: "string",
    required: true,
    group: "IAM Roles Anywhere",
    describe: "Role to assume; aws-auth or an access entry maps it to a Kubernetes user",
    env: ["EKS_X509_ROLE_ARN"],
    inFile: true,
    inExtension: true,
  },
  "session-duration": {
    type: "string",
    group: "IAM Roles Anywhere",
    describe: "Lifetime of the session, 900 to 43200 seconds",
    env: ["EKS_X509_SESSION_DURATION"],
    inFile: true,
    inExtension: false,
    default: "3600",
  },
  "role-session-name": {
    type: "string",
    group: "IAM Roles Anywhere",
    describe: "Name of the session, if the profile accepts one",
    env: ["EKS_X509_ROLE_SESSION_NAME"],
    inFile: true,
    inExtension: false,
    default: "the certificate's serial number, set by AWS",
  },
  endpoint: {
    type: "string",
    group: "IAM Roles Anywhere",
    describe: "Endpoint of Roles Anywhere: https, or http on loopback",
    env: ["EKS_X509_ENDPOINT", "AWS_ENDPOINT_URL_ROLESANYWHERE", "AWS_ENDPOINT_URL"],
    inFile: true,
    inExtension: false,
    default: "the endpoint of the trust anchor's region",
  },
  cache: {
    type: "string",
    group: "Cache",
    describe: "Storage for tokens and sessions: auto, keychain, keyutils, keytar or none",
    env: ["EKS_X509_CACHE"],
    inFile: true,
    inExtension: false,
    default: "auto",
  },
  "exec-api-version": {
    type: "string",
    group: "General",
    describe: "Version of the ExecCredential for clients that request none: v1 or v1beta1",
    env: ["EKS_X509_EXEC_API_VERSION"],
    inFile: false,
    inExtension: false,
    default: "v1",
  },
  config: {
    type: "string",
    group: "General",
    describe: "Config file, YAML, with these options by name",
    isPath: true,
    env: ["EKS_X509_CONFIG"],
    inFile: false,
    inExtension: false,
    default: "eks-x509/config.yaml in the platform's config folder, if it exists",
  },
  verbose: {
    type: "boolean",
    group: "General",
    describe: "Log each hop on stderr, without secrets",
    env: ["EKS_X509_VERBOSE"],
    inFile: true,
    inExtension: false,
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

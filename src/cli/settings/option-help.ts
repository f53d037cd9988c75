/** What --help, completion and docs/reference.md say of each option. A run of get-token does not load it. */
import { isOptionName, optionNamed, options, type Option, type OptionName } from "./options.ts";

interface OptionHelp {
  group: "Cluster" | "Identity" | "IAM Roles Anywhere" | "Cache" | "General";
  describe: string;
  /** In words. */
  default?: string;
}

export const optionHelp: Readonly<Record<OptionName, OptionHelp>> = {
  "cluster-name": {
    group: "Cluster",
    describe: "Name of the EKS cluster",
  },
  region: {
    group: "Cluster",
    describe: "Region of the EKS cluster; Roles Anywhere is called in the trust anchor's region",
    default: "the trust anchor's region",
  },
  "cluster-servers": {
    group: "Cluster",
    describe: "Tunnels and private names of clusters that a kubeconfig names: NAME=URL, several with spaces",
  },
  certificate: {
    group: "Identity",
    describe: "Certificate, PEM or DER; the file can also contain the chain, in any order",
  },
  "private-key": {
    group: "Identity",
    describe: "Private key of the certificate, PEM: RSA, or EC on P-256, P-384 or P-521",
  },
  intermediates: {
    group: "Identity",
    describe: "Intermediate certificates, PEM, if the certificate's file does not contain them",
  },
  "trust-anchor-arn": {
    group: "IAM Roles Anywhere",
    describe: "Trust anchor that contains your CA",
  },
  "profile-arn": {
    group: "IAM Roles Anywhere",
    describe: "Profile that lists the role",
  },
  "role-arn": {
    group: "IAM Roles Anywhere",
    describe: "Role to assume; aws-auth or an access entry maps it to a Kubernetes user",
  },
  "session-duration": {
    group: "IAM Roles Anywhere",
    describe: "Lifetime of the session, 900 to 43200 seconds",
    default: "3600",
  },
  "role-session-name": {
    group: "IAM Roles Anywhere",
    describe: "Name of the session, if the profile accepts one",
    default: "the certificate's serial number, set by AWS",
  },
  endpoint: {
    group: "IAM Roles Anywhere",
    describe: "Endpoint of Roles Anywhere: https, or http on loopback",
    default: "the endpoint of the trust anchor's region",
  },
  cache: {
    group: "Cache",
    describe: "Storage for tokens and sessions: auto, keychain, keyutils, keytar or none",
    default: "auto",
  },
  "exec-api-version": {
    group: "General",
    describe: "Version of the ExecCredential for clients that request none: v1 or v1beta1",
    default: "v1",
  },
  config: {
    group: "General",
    describe: "Config file, YAML, with these options by name",
    default: "eks-x509/config.yaml in the platform's config folder, if it exists",
  },
  verbose: {
    group: "General",
    describe: "Log each hop on stderr, without secrets",
  },
};

/** The options, in the order of the table. */
export const describedOptions: readonly (readonly [OptionName, Option & OptionHelp])[] = Object.keys(options)
  .filter(isOptionName)
  .map((name) => [name, { ...optionNamed(name), ...optionHelp[name] }]);

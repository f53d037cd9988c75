/** The options of `setup`. */
import type { CommandOption } from "../../command.ts";

export const options: Readonly<Record<string, CommandOption>> = {
  ca: { describe: "Certificates of the CA, PEM or DER, at most two", isPath: true },
  "acm-pca-arn": { describe: "ARN of an AWS Private CA, instead of --ca" },
  cluster: { describe: "Name of the EKS cluster", required: true },
  region: { describe: "Region of the cluster, the trust anchor and the profile", required: true },
  "role-name": { describe: "Name of the IAM role", required: true },
  "role-path": { describe: "Path of the IAM role", default: "/" },
  allow: {
    type: "list",
    describe:
      "Attribute of the certificates that are let in: subject.OU=VALUE, issuer.CN=VALUE, san.DNS=VALUE, san.URI=VALUE or san.Name.CN=VALUE; * and ? are wildcards. All attributes must match, and one of several values of an attribute",
  },
  "kubernetes-groups": {
    type: "list",
    describe: "Kubernetes groups of the role, separated by commas",
    required: true,
  },
  certificate: { describe: "Check that this certificate would be let in", isPath: true },
  intermediates: { describe: "Its intermediate certificates, PEM", isPath: true },
  mapping: {
    describe: "How the cluster maps the role",
    choices: ["access-entry", "aws-auth"],
    default: "access-entry",
  },
  format: {
    describe: "What is written: scripts for the AWS CLI, a template, or a configuration",
    choices: ["cli", "cloudformation", "terraform"],
    default: "cli",
  },
  "output-folder": { describe: "Folder for all files" },
  "trust-anchor-name": { describe: "Name of the trust anchor", default: "the role's name" },
  "profile-name": { describe: "Name of the profile", default: "the role's name" },
  "session-duration": { describe: "Lifetime of the sessions, 900 to 43200 seconds", default: "3600" },
  tag: { type: "list", describe: "Tag of every resource: KEY=VALUE" },
  "find-clusters": {
    type: "boolean",
    describe: "Let the role call eks:DescribeCluster and eks:ListClusters, as update-kubeconfig does",
    default: "true",
  },
};

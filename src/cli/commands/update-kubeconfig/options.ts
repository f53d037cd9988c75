/** The options of `eks-x509 update-kubeconfig`: get-token's, and how the AWS CLI calls the others. */
import type { CommandOption } from "../../command.ts";
import { optionEntries } from "../../settings/options.ts";

const clusters = "Cluster";
const entries = "Entries";

const own: Readonly<Record<string, CommandOption>> = {
  name: {
    type: "list",
    group: clusters,
    describe: "Name of an EKS cluster",
    env: ["EKS_X509_CLUSTER_NAME"],
  },
  all: {
    type: "boolean",
    group: clusters,
    describe: "All clusters of the account in the region (eks:ListClusters); the current context stays",
  },
  "cluster-endpoint": {
    type: "string",
    group: clusters,
    describe:
      "URL of the cluster's API server: AWS is not asked; with --certificate-authority and one --name",
  },
  "certificate-authority": {
    type: "string",
    group: clusters,
    describe: "CA of the cluster's API server, PEM",
    isPath: true,
  },
  "eks-endpoint": {
    type: "string",
    group: clusters,
    describe: "Another endpoint for EKS: https, or http on loopback",
    env: ["AWS_ENDPOINT_URL_EKS", "AWS_ENDPOINT_URL"],
    default: "the region's own",
  },
  kubeconfig: {
    type: "string",
    group: entries,
    describe: "File to write",
    env: ["KUBECONFIG"],
    default: "of KUBECONFIG's files the first that holds the cluster, or the first; ~/.kube/config",
    isPath: true,
  },
  alias: {
    type: "string",
    group: entries,
    describe: "Name of the context",
    default: "ROLE@CLUSTER-ARN",
  },
  "user-alias": {
    type: "string",
    group: entries,
    describe: "Name of the user",
    default: "the role's ARN; with --inline-args ROLE@CLUSTER-ARN",
  },
  "set-current": {
    type: "boolean",
    group: entries,
    describe: "Make the context the current one, of several the last",
    default: "true; with --all false",
  },
  "inline-args": {
    type: "boolean",
    group: entries,
    describe: "Write everything into args, for clients that pass no cluster information to exec plugins",
  },
  "exec-api-version": {
    type: "string",
    group: entries,
    describe: "Version of client.authentication.k8s.io",
    choices: ["v1", "v1beta1"],
    default: "v1",
  },
  command: {
    type: "string",
    group: entries,
    describe: "What the client runs: a name on its PATH, or an absolute path for programs with another PATH",
    default: "eks-x509",
  },
  "home-relative": {
    type: "boolean",
    group: entries,
    describe: "Write paths below the home folder as ~/…, for a kubeconfig that several machines share",
  },
  "proxy-url": {
    type: "string",
    group: entries,
    describe: "Proxy that clients take to the API server: http, https or socks5",
  },
  "dry-run": {
    type: "boolean",
    group: entries,
    describe: "Print the file as it would be, and write nothing",
  },
};

/** get-token's, less the one that --name is here; a version that is given is written, for get-token too. */
export const updateKubeconfigOptions: Readonly<Record<string, CommandOption>> = {
  ...own,
  ...Object.fromEntries(
    optionEntries.filter(([name]) => name !== "cluster-name" && name !== "exec-api-version"),
  ),
};

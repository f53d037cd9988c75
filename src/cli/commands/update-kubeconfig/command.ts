/** `eks-x509 update-kubeconfig`: the options of get-token, and others with the names of the AWS CLI. */
import type { Command, CommandOption } from "../../command.ts";
import { describedOptions } from "../../settings/option-help.ts";

type Options = Readonly<Record<string, CommandOption>>;

const ofClusters: Options = {
  name: {
    type: "list",
    describe: "Name of an EKS cluster",
    env: ["EKS_X509_CLUSTER_NAME"],
  },
  all: {
    type: "boolean",
    describe: "Write all clusters of the account in the region (eks:ListClusters); keep the current context",
  },
  "cluster-endpoint": {
    describe:
      "URL of the cluster's API server, to work without AWS; needs --certificate-authority and one --name",
  },
  "certificate-authority": { describe: "CA of the cluster's API server, PEM", isPath: true },
  "eks-endpoint": {
    describe: "Endpoint of EKS: https, or http on loopback",
    env: ["AWS_ENDPOINT_URL_EKS", "AWS_ENDPOINT_URL"],
    default: "the endpoint of the region",
  },
};

const ofEntries: Options = {
  kubeconfig: {
    describe: "File to write",
    env: ["KUBECONFIG"],
    default:
      "the first file of KUBECONFIG that contains the cluster, else its first file, else ~/.kube/config",
    isPath: true,
  },
  alias: { describe: "Name of the context", default: "ROLE@CLUSTER-ARN" },
  "user-alias": {
    describe: "Name of the user",
    default: "the role's ARN; with --inline-args ROLE@CLUSTER-ARN",
  },
  "set-current": {
    type: "boolean",
    describe: "Make the context the current one; with several clusters, the last",
    default: "true; with --all false",
  },
  "inline-args": {
    type: "boolean",
    describe: "Write all values into args, for clients that pass no cluster information to exec plugins",
  },
  "exec-api-version": {
    describe: "Version of client.authentication.k8s.io",
    choices: ["v1", "v1beta1"],
    default: "v1",
  },
  command: {
    describe: "Program that the client runs: a name on its PATH, or an absolute path",
    default: "eks-x509",
  },
  "home-relative": {
    type: "boolean",
    describe: "Write paths in the home folder as ~/…, for a kubeconfig that several machines share",
  },
  "proxy-url": { describe: "Proxy between clients and the API server: http, https or socks5" },
  overwrite: {
    type: "boolean",
    describe: "Replace entries of these names that belong to another cluster, program or identity",
  },
  "in-place": {
    type: "boolean",
    describe:
      "Write into the file, as kubectl does, for one that is mounted or has several names; not atomic",
  },
  "dry-run": {
    type: "boolean",
    describe: "Print the resulting file without credentials of others, and write nothing",
  },
};

/** --name replaces get-token's --cluster-name, and --exec-api-version is the version that is written. */
export const updateKubeconfigOptions: Options = {
  ...inGroup("Cluster", ofClusters),
  ...inGroup("Entries", ofEntries),
  ...Object.fromEntries(
    describedOptions.filter(([name]) => name !== "cluster-name" && name !== "exec-api-version"),
  ),
};

function inGroup(group: string, options: Options): Options {
  return Object.fromEntries(Object.entries(options).map(([name, option]) => [name, { ...option, group }]));
}

export const updateKubeconfig: Command = {
  path: ["update-kubeconfig"],
  describe: "Write clusters, contexts and the user to sign in with into a kubeconfig",
  usage: `$0 update-kubeconfig --name CLUSTER [OPTIONS]

Signs in with the certificate, gets the clusters' endpoints and CAs from EKS, and writes cluster, user
and context. Everything else in the file stays unchanged. With --cluster-endpoint and
--certificate-authority, AWS is not called. Certificate and key are still checked, unless
--home-relative says that the file is for several machines.`,
  options: updateKubeconfigOptions,
  run: async (flags, root) => (await import("./run.ts")).runUpdateKubeconfig(flags, root),
};

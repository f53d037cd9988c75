/** The program and the cluster of an exec entry, from its command, args and env, without running it. */
import { isOwnName, programName } from "../kubeconfig/program-name.ts";
import type { ExecEntry } from "../kubeconfig/read/user.ts";

/** Marks a program that `token debug` started: one that runs `token debug` itself would never end. */
export const debuggedVariable = "EKS_X509_TOKEN_DEBUG";

/** The arguments after which kubectl runs a plugin. */
const pluginNames = ["eks-x509", "eks_x509"];

/**
 * `eks-x509 get-token …`; `kubectl eks-x509 get-token …`; node or npx with our program's path or name.
 * @param isOurs the command leads to this very program, under whatever name
 * @returns get-token's arguments; undefined for another program, or another command of ours
 */
export function ownGetToken({ command, args }: ExecEntry, isOurs = false): readonly string[] | undefined {
  const words = isOurs || isOwnName(command) ? args : behind(programName(command), args);
  if (words?.[0] !== "get-token") return undefined;
  return words.slice(1);
}

function behind(runner: string, args: readonly string[]): readonly string[] | undefined {
  const [first = ""] = args;
  if (runner === "kubectl" && pluginNames.includes(first)) return args.slice(1);
  if ((runner === "node" || runner === "npx") && isOwnName(first)) return args.slice(1);
  return undefined;
}

/**
 * The entry of another program.
 * @returns the program's usual name, or the command's own; the cluster's name that is signed as x-k8s-aws-id; and the region
 */
export function entryTool({ command, args, env }: ExecEntry) {
  const variable = (...names: string[]): string | undefined =>
    names.map((name) => env.findLast((one) => one.name === name)?.value || undefined).find(Boolean);
  const name = programName(command);
  const region = option(args, "--region") ?? variable("AWS_REGION", "AWS_DEFAULT_REGION");
  const clusterName = option(args, "--cluster-name");
  if (isAwsCli(name, args))
    return { name: "aws", clusterName: clusterName ?? option(args, "--cluster-id"), region };
  if (name !== "aws-iam-authenticator" && name !== "heptio-authenticator-aws")
    return { name, clusterName, region };
  const cluster = option(args, "--cluster-id", "-i") ?? variable("KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID");
  return { name, clusterName: cluster, region };
}

/** `aws … eks get-token`, also after a program that signs in first, such as aws-vault exec or saml2aws exec. */
function isAwsCli(name: string, args: readonly string[]): boolean {
  const isGetToken = args.includes("eks") && args.slice(args.indexOf("eks")).includes("get-token");
  return isGetToken && (name === "aws" || args.some((word) => programName(word) === "aws"));
}

/** `--name value`, `--name=value`, `-n value`, `-n=value` or `-nvalue`. The last one counts. */
function option(args: readonly string[], long: string, short?: string): string | undefined {
  return args
    .map((word, index) => {
      if (word === long || word === short) return args[index + 1];
      if (word.startsWith(`${long}=`)) return word.slice(long.length + 1);
      if (short && word.startsWith(short)) return word.slice(short.length).replace(/^=/, "");
      return undefined;
    })
    .findLast(Boolean);
}

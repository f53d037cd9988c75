/** The program and the cluster of an exec entry, from its command, args and env, without running it. */
import type { ExecEntry } from "../kubeconfig/read/user.ts";

export interface EntryTool {
  /** The program's usual name, or the command's own. */
  name: string;
  /** The value that is signed as x-k8s-aws-id; undefined if the entry does not contain it. */
  clusterName: string | undefined;
  region: string | undefined;
  profile: string | undefined;
}

/** For the entries of other programs. Our own entry is resolved as get-token resolves it. */
export function entryTool({ command, args, env }: ExecEntry): EntryTool {
  const variable = (...names: string[]): string | undefined =>
    names.map((name) => env.findLast((one) => one.name === name)?.value || undefined).find(Boolean);
  const name = programName(command);
  const tool = {
    name,
    clusterName: undefined,
    region: option(args, "--region") ?? variable("AWS_REGION", "AWS_DEFAULT_REGION"),
    profile: option(args, "--profile") ?? variable("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
  };
  if (isAwsCli(name, args))
    return {
      ...tool,
      name: "aws",
      clusterName: option(args, "--cluster-name") ?? option(args, "--cluster-id"),
    };
  if (name === "aws-iam-authenticator" || name === "heptio-authenticator-aws")
    return {
      ...tool,
      clusterName: option(args, "--cluster-id", "-i") ?? variable("KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID"),
    };
  return { ...tool, clusterName: option(args, "--cluster-name") };
}

/** Ignores the folder, and the extension of a Windows program. */
export function programName(command: string): string {
  const [last = ""] = command.split(/[\\/]/).slice(-1);
  return last.replace(/\.(exe|cmd|bat|com|ps1)$/i, "");
}

/** `aws … eks get-token`, also after a program that signs in first, such as aws-vault exec or saml2aws exec. */
function isAwsCli(name: string, args: readonly string[]): boolean {
  const isGetToken = args.some((word, index) => word === "eks" && args.slice(index).includes("get-token"));
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

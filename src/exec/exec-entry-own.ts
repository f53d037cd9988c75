/** Whether an exec entry runs our own get-token. If so, its arguments are resolved here, hop by hop, and it is not run. */
import type { ExecEntry } from "../kubeconfig/read/user.ts";
import { programName } from "./exec-entry-tool.ts";

const ownNames = ["eks-x509", "kubectl-eks_x509"];
/** The arguments after which kubectl runs a plugin. */
const pluginNames = ["eks-x509", "eks_x509"];

export function isOwnName(command: string): boolean {
  return ownNames.includes(programName(command));
}

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

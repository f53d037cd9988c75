/** Whatever can be wrong with a kubeconfig, told alike. */
import { EksX509Error, type CodeOf } from "../../foundation/errors.ts";

export function kubeconfigProblem(
  code: CodeOf<"usage", "kubeconfig">,
  message: string,
  hint: string,
  cause?: unknown,
): EksX509Error {
  return new EksX509Error({ category: "usage", hop: "kubeconfig", code, message, hint, cause });
}

/** An EKS context is named by an ARN of up to 150 characters; nobody needs more to know a name again. */
const longestName = 200;

/** A name from a kubeconfig, in quotes. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > longestName ? `${name.slice(0, longestName)}…` : name);
}

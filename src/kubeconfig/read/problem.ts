/** All problems of a kubeconfig, in one form. */
import { EksX509Error, type CodeOf } from "../../foundation/errors.ts";

export function kubeconfigProblem(
  code: CodeOf<"usage", "kubeconfig">,
  message: string,
  hint: string,
  cause?: unknown,
): EksX509Error {
  return new EksX509Error({ category: "usage", hop: "kubeconfig", code, message, hint, cause });
}

/** The ARN in the name of an EKS context has up to 150 characters, which is enough to recognize a name. */
const longestName = 200;

/** A name from a kubeconfig, in quotes. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > longestName ? `${name.slice(0, longestName)}…` : name);
}

/** All problems of a kubeconfig, in one form. */
import { errorsOf, type CodeOf, type EksX509Error } from "../../foundation/errors.ts";

export const kubeconfigProblem = errorsOf("usage", "kubeconfig");

/** The ARN in the name of an EKS context has up to 150 characters, which is enough to recognize a name. */
const longestName = 200;

/** A name from a kubeconfig, in quotes. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > longestName ? `${name.slice(0, longestName)}…` : name);
}

/** @param what follows the entry's name: `config: cluster "demo"` */
export function entryProblem(
  kind: "cluster" | "user" | "context",
  { file, name }: { file: string; name: string },
  code: CodeOf<"usage", "kubeconfig">,
  what: string,
  hint: string,
): EksX509Error {
  return kubeconfigProblem(code, `${file}: ${kind} ${quoted(name)} ${what}`, hint);
}

/** @param rows each with whether the entry has what client-go refuses together */
export function refuseBoth(
  kind: "cluster" | "user",
  entry: { file: string; name: string },
  rows: readonly (readonly [isWrong: boolean, code: CodeOf<"usage", "kubeconfig">, both: string])[],
): void {
  for (const [isWrong, code, both] of rows)
    if (isWrong)
      throw entryProblem(kind, entry, code, `has both ${both}`, "Remove one of them: kubectl refuses both.");
}

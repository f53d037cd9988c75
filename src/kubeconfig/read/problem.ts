/** All problems of a kubeconfig, in one form. */
import { errorsOf, type CodeOf, type EksX509Error } from "../../foundation/errors.ts";

export const kubeconfigProblem = errorsOf("usage", "kubeconfig");

/** The ARN in the name of an EKS context has up to 150 characters, which is enough to recognize a name. */
const longestName = 200;

export function quoted(name: string): string {
  return JSON.stringify(name.length > longestName ? `${name.slice(0, longestName)}…` : name);
}

export type Problem = readonly [code: CodeOf<"usage", "kubeconfig">, what: string, hint: string];

/** Makes the errors of one entry: `config: cluster "demo" has no server` */
export function problemsOf(
  kind: "cluster" | "user" | "context",
  { file, name }: { file: string; name: string },
) {
  return (...[code, what, hint]: Problem): EksX509Error =>
    kubeconfigProblem(code, `${file}: ${kind} ${quoted(name)} ${what}`, hint);
}

/** @param rows each with whether the entry has what client-go refuses together */
export function refuseBoth(
  wrong: ReturnType<typeof problemsOf>,
  rows: readonly (readonly [isWrong: boolean, code: Problem[0], both: string])[],
): void {
  for (const [isWrong, code, both] of rows)
    if (isWrong) throw wrong(code, `has both ${both}`, "Remove one of them: kubectl refuses both.");
}

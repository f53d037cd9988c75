/** Why a file gives no aws-auth. */
import { EksX509Error, type CodeOf } from "../../foundation/errors.ts";

export interface Place {
  line: number;
  col: number;
}

export function invalid(name: string, { line, col }: Place, why: string): EksX509Error {
  return failure(
    "AWS_AUTH_INVALID",
    `${name} is not YAML: line ${line}, column ${col}: ${firstLine(why)}`,
    "Save it anew: kubectl get configmap aws-auth -n kube-system -o yaml.",
  );
}

/** @param kinds of the objects that are there, with their names */
export function absent(name: string, kinds: readonly string[]): EksX509Error {
  const found = kinds.length > 0 ? `; it holds ${kinds.slice(0, 3).join(", ").slice(0, 200)}` : "";
  return failure(
    "AWS_AUTH_ABSENT",
    `${name} holds no ConfigMap aws-auth (line 1, column 1)${found}`,
    "Give the ConfigMap aws-auth of kube-system, or its data: mapRoles, mapUsers, mapAccounts.",
  );
}

export function otherNamespace(name: string, namespace: string, { line, col }: Place): EksX509Error {
  return failure(
    "AWS_AUTH_OTHER_NAMESPACE",
    `the ConfigMap aws-auth in ${name} is for the namespace "${namespace.slice(0, 63)}": line ${line}, column ${col}`,
    "The cluster reads the one in kube-system alone. Correct the namespace.",
  );
}

export function ambiguous(name: string, { line, col }: Place): EksX509Error {
  return failure(
    "AWS_AUTH_AMBIGUOUS",
    `${name} holds the ConfigMap aws-auth more than once: again at line ${line}, column ${col}`,
    "Leave the one that the cluster has.",
  );
}

export function notText(name: string, key: string, { line, col }: Place): EksX509Error {
  return failure(
    "AWS_AUTH_NOT_TEXT",
    `${key.slice(0, 60)} in ${name} is no text: line ${line}, column ${col}`,
    `In a ConfigMap every value is a text: write "${key.slice(0, 60)}: |" and indent the list below it.`,
  );
}

function failure(code: CodeOf<"usage", "mapping">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "usage", hop: "mapping", code, message, hint });
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").slice(0, 160);
}

/**
 * The cluster and the user of kubectl. In some cases client-go accepts a kubeconfig silently and then fails without a reason
 * (an unknown cluster or no server: it calls localhost:8080; http: it sends no credential). This code reports the reason.
 * client-go, tools/clientcmd: ConfirmUsable, validateClusterInfo, validateAuthInfo, ClientConfig.
 */
import type { Cluster, Context, User } from "./entries.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { checkCluster } from "./cluster.ts";
import { nearNames } from "../../foundation/edit-distance.ts";
import { kubeconfigProblem, problemsOf, quoted } from "./problem.ts";
import { credentialOf, type UserCredential } from "./user.ts";

export interface Target {
  context: Context;
  chosenBy: "--context" | "current-context";
  cluster: Cluster;
  user: User;
  credential: UserCredential;
  namespace: string;
}

/** @param wanted the context's name; undefined for the current one */
export function resolveContext(kubeconfig: Kubeconfig, wanted?: string): Target {
  const context = contextNamed(kubeconfig, wanted || undefined);
  const { clusters, users, files } = kubeconfig;
  const cluster = referenced("cluster", context, clusters, files);
  const user = referenced("user", context, users, files);
  checkCluster(cluster);
  return {
    context,
    chosenBy: wanted ? "--context" : "current-context",
    cluster,
    user,
    credential: credentialOf(user),
    namespace: context.namespace || "default",
  };
}

function contextNamed(kubeconfig: Kubeconfig, wanted: string | undefined): Context {
  const { contexts, clusters, users, currentContext, files } = kubeconfig;
  if (contexts.size + clusters.size + users.size === 0)
    throw kubeconfigProblem(
      "KUBECONFIG_EMPTY",
      `${listed(files)} has no clusters, users and contexts`,
      "Check the path. Until then kubectl calls localhost:8080.",
    );
  const name = wanted ?? currentContext?.name;
  if (name === undefined)
    throw kubeconfigProblem(
      "KUBECONFIG_NO_CURRENT_CONTEXT",
      `no context is selected: ${listed(files)} has no current-context`,
      `Use --context, or select a context: kubectl config use-context NAME.${known(contexts, "")} Until then kubectl calls localhost:8080.`,
    );
  const found = contexts.get(name);
  if (found) return found;
  if (wanted !== undefined)
    throw kubeconfigProblem(
      "KUBECONFIG_CONTEXT_NOT_FOUND",
      `there is no context ${quoted(name)} in ${listed(files)}`,
      `Correct --context.${known(contexts, name)}`,
    );
  throw kubeconfigProblem(
    "KUBECONFIG_CURRENT_CONTEXT_NOT_FOUND",
    `${currentContext?.file ?? ""}: current-context is ${quoted(name)}, which is not in ${listed(files)}`,
    `Select another one: kubectl config use-context NAME.${known(contexts, name)}`,
  );
}

const references = {
  cluster: {
    missing: "KUBECONFIG_CONTEXT_WITHOUT_CLUSTER",
    unknown: "KUBECONFIG_CLUSTER_NOT_FOUND",
    effect: "calls localhost:8080",
  },
  user: {
    missing: "KUBECONFIG_CONTEXT_WITHOUT_USER",
    unknown: "KUBECONFIG_USER_NOT_FOUND",
    effect: "asks for a user name and a password",
  },
} as const;

function referenced<Entry>(
  kind: "cluster" | "user",
  context: Context,
  entries: ReadonlyMap<string, Entry>,
  files: readonly string[],
): Entry {
  const name = context[kind];
  const found = name === "" ? undefined : entries.get(name);
  if (found) return found;
  const { missing, unknown, effect } = references[kind];
  const hint = `${known(entries, name)} Until then kubectl ${effect}.`;
  const wrong = problemsOf("context", context);
  if (name === "") throw wrong(missing, `names no ${kind}`, `Set its ${kind}.${hint}`);
  throw wrong(
    unknown,
    `names ${kind} ${quoted(name)}, which is not in ${listed(files)}`,
    `Correct the name, or add the ${kind}'s entry.${hint}`,
  );
}

/** ` These exist: "a", "b".` */
function known(entries: ReadonlyMap<string, unknown>, wanted: string): string {
  const names = nearNames(wanted, entries.keys()).map(quoted);
  if (names.length === 0) return " There is none.";
  const more = entries.size > names.length ? ` and ${entries.size - names.length} more` : "";
  return ` There ${entries.size === 1 ? "is" : "are"} ${names.join(", ")}${more}.`;
}

function listed(files: readonly string[]): string {
  return files.length > 5
    ? `${files.slice(0, 5).join(", ")} and ${files.length - 5} more files`
    : files.join(", ");
}

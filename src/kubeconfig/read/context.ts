/**
 * The cluster and the user of kubectl. In some cases client-go accepts a kubeconfig silently and then fails without a reason
 * (an unknown cluster or no server: it calls localhost:8080; http: it sends no credential). This code reports the reason.
 * client-go, tools/clientcmd: ConfirmUsable, validateClusterInfo, validateAuthInfo, ClientConfig.
 */
import type { Cluster, Context, User } from "./entries.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { checkCluster } from "./cluster.ts";
import { nearNames } from "../../foundation/edit-distance.ts";
import { kubeconfigProblem, quoted } from "./problem.ts";
import { credentialOf, type UserCredential } from "./user.ts";

export interface Target {
  context: Context;
  /** The source of the context's name. */
  chosenBy: "--context" | "current-context";
  cluster: Cluster;
  user: User;
  credential: UserCredential;
  namespace: string;
}

/**
 * @param wanted the context's name; undefined for the current one
 * @throws EksX509Error KUBECONFIG_…
 */
export function resolveContext(kubeconfig: Kubeconfig, wanted?: string): Target {
  const context = contextNamed(kubeconfig, wanted || undefined);
  const cluster = clusterOf(context, kubeconfig);
  const user = userOf(context, kubeconfig);
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
  const { contexts, clusters, users, currentContext } = kubeconfig;
  if (contexts.size + clusters.size + users.size === 0) throw empty(kubeconfig);
  if (wanted !== undefined) return contexts.get(wanted) ?? raise(notFound(kubeconfig, wanted));
  if (!currentContext) throw noCurrent(kubeconfig);
  return contexts.get(currentContext.name) ?? raise(stale(kubeconfig, currentContext));
}

function clusterOf({ name, file, cluster }: Context, { clusters, files }: Kubeconfig): Cluster {
  if (cluster === "")
    throw kubeconfigProblem(
      "KUBECONFIG_CONTEXT_WITHOUT_CLUSTER",
      `${file}: context ${quoted(name)} names no cluster`,
      `Set its cluster.${known(clusters, "")} Until then kubectl calls localhost:8080.`,
    );
  const found = clusters.get(cluster);
  if (found) return found;
  throw kubeconfigProblem(
    "KUBECONFIG_CLUSTER_NOT_FOUND",
    `${file}: context ${quoted(name)} names cluster ${quoted(cluster)}, which is not in ${listed(files)}`,
    `Correct the name, or add the cluster's entry.${known(clusters, cluster)} Until then kubectl calls localhost:8080.`,
  );
}

function userOf({ name, file, user }: Context, { users, files }: Kubeconfig): User {
  if (user === "")
    throw kubeconfigProblem(
      "KUBECONFIG_CONTEXT_WITHOUT_USER",
      `${file}: context ${quoted(name)} names no user`,
      `Set its user.${known(users, "")} Until then kubectl asks for a user name and a password.`,
    );
  const found = users.get(user);
  if (found) return found;
  throw kubeconfigProblem(
    "KUBECONFIG_USER_NOT_FOUND",
    `${file}: context ${quoted(name)} names user ${quoted(user)}, which is not in ${listed(files)}`,
    `Correct the name, or add the user's entry.${known(users, user)} Until then kubectl asks for a user name and a password.`,
  );
}

function empty({ files }: Kubeconfig): Error {
  return kubeconfigProblem(
    "KUBECONFIG_EMPTY",
    `${listed(files)} has no clusters, users and contexts`,
    "Check the path. Until then kubectl calls localhost:8080.",
  );
}

function noCurrent({ files, contexts }: Kubeconfig): Error {
  return kubeconfigProblem(
    "KUBECONFIG_NO_CURRENT_CONTEXT",
    `no context is selected: ${listed(files)} has no current-context`,
    `Use --context, or select a context: kubectl config use-context NAME.${known(contexts, "")} Until then kubectl calls localhost:8080.`,
  );
}

function notFound({ files, contexts }: Kubeconfig, wanted: string): Error {
  return kubeconfigProblem(
    "KUBECONFIG_CONTEXT_NOT_FOUND",
    `there is no context ${quoted(wanted)} in ${listed(files)}`,
    `Correct --context.${known(contexts, wanted)}`,
  );
}

function stale({ contexts, files }: Kubeconfig, { name, file }: { name: string; file: string }): Error {
  return kubeconfigProblem(
    "KUBECONFIG_CURRENT_CONTEXT_NOT_FOUND",
    `${file}: current-context is ${quoted(name)}, which is not in ${listed(files)}`,
    `Select another one: kubectl config use-context NAME.${known(contexts, name)}`,
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

function raise(error: Error): never {
  throw error;
}

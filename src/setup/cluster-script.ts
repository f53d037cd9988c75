/**
 * What the scripts do in the cluster with kubectl: they check first that the context is one of the cluster, and change only what has their
 * mark. The other formats have no resource for this, so they come with two scripts of their own.
 */
import { shellQuoted } from "../foundation/foreign-text.ts";
import { awsAuthEntryPart, awsAuthFunctions, formerAwsAuthEntry } from "./aws-auth-script.ts";
import type { Plan, PlannedFile } from "./plan.ts";
import { rbacObjects, rbacYaml } from "./rbac.ts";
import { foreignEnds, foreignStays, functions, head, variables, type ScriptHead } from "./script.ts";
import { hereDocument } from "./shell.ts";

/** For the formats that leave the cluster to kubectl. */
export function clusterScripts(plan: Plan): readonly [PlannedFile, PlannedFile] {
  const [setUp, cleanUp] = [
    { name: "cluster-setup.sh", what: "creates in the cluster what is missing, and changes what differs" },
    { name: "cluster-clean-up.sh", what: "removes from the cluster what cluster-setup.sh created" },
  ];
  return [
    script(plan, setUp, [foreignEnds, clusterFunctions(plan), clusterChecks(plan), clusterPart(plan)]),
    script(plan, cleanUp, [foreignStays, clusterFunctions(plan), clusterRemoval()]),
  ];
}

export function script(plan: Plan, about: ScriptHead, parts: readonly string[]): PlannedFile {
  const content = `${[head(about), variables(plan, about), functions, ...parts].join("\n\n")}\n`;
  return { name: about.name, content, isExecutable: true };
}

export function clusterFunctions(plan: Plan): string {
  const objects = rbacObjects(plan).map(
    ({ kind, name }) => `  "$1" ${kind.toLowerCase()} ${shellQuoted(name)}`,
  );
  return `${contextFunctions}

# Calls a function with each object of RBAC, the bindings first.
each_object() {
${objects.reverse().join("\n")}
}

# Whether an object is there, with the mark of these scripts.
own_object() {
  found=$(kubectl_ get "$1" "$2" --ignore-not-found -o "jsonpath={.metadata.name} {.metadata.annotations.$owner_tag}") ||
    exit 1
  if [ -z "$found" ]; then return 1; fi
  printf '%s' "\${found#* }" >"$work/answer"
  is_own "$1 $2" "run: kubectl --context=$(word "$context") annotate --overwrite $1 $(word "$2") $(word "$owner_tag=$owner")"
}

check_object() { own_object "$@" || true; }

remove_object() {
  if own_object "$@"; then
    kubectl_ delete --ignore-not-found "$@" || exit 1
    left=$(kubectl_ get "$@" --ignore-not-found -o name) || exit 1
    if [ -n "$left" ]; then
      stop "kubectl did not delete $1 $2." "If a kuberc makes kubectl ask first, answer y, or set KUBERC=off."
    fi
  fi
}

${awsAuthFunctions(plan)}`;
}

const contextFunctions = `# Ends the script. The argument says what the context cannot do.
wrong_context() {
  stop "$1" \\
    "Set ADMIN_CONTEXT to the context of an administrator of cluster $cluster. This command writes one for the AWS credentials in use:" \\
    "  aws eks update-kubeconfig --name $cluster --region $region --alias $cluster-admin"
}

# Runs kubectl in the context that use_cluster has checked. The server is pinned, in case that the context changes after the check.
kubectl_() {
  if kubectl --context="$context" \${pinned:+"--server=$server" \${name_in_tls:+"--tls-server-name=$name_in_tls"}} \\
    "$@" 2>"$work/error"; then
    cat "$work/error" >&2
    return
  fi
  cat "$work/error" >&2
  if grep -Eq '\\((Forbidden|Unauthorized)\\)|must be logged in|getting credentials' "$work/error"; then
    wrong_context "context $(word "$context") is not allowed to do this in cluster $cluster."
  fi
  return 1
}

of_context() {
  kubectl config view --raw --flatten --minify --context="$context" -o "jsonpath={.clusters[0].cluster.$1}" ||
    wrong_context "kubectl cannot use context $(word "$context")."
}

# An address without a user name and a password.
shown() { printf '%s' "$1" | LC_ALL=C sed 's,//[^/]*@,//,'; }

# An address, without what has no meaning.
plain() { shown "$1" | LC_ALL=C tr 'A-Z' 'a-z' | LC_ALL=C sed 's,/*$,,; s,:443$,,'; }

# Finds the cluster and its context; false if there is no such cluster.
use_cluster() {
  exists aws eks describe-cluster --name "$cluster" --output text \\
    --query 'cluster.[endpoint,certificateAuthority.data,accessConfig.authenticationMode,arn,status]' || return 1
  IFS=$tab read -r endpoint authority mode arn status <"$work/answer" || true
  case $endpoint in
    https://*) ;;
    *)
      stop "cluster $cluster has the status \${status:-?}, and EKS returns no API server of it." \\
        'Run this script again when the cluster is active or deleted.' ;;
  esac
  partition=$(printf '%s' "$arn" | cut -d : -f 2)
  account=$(printf '%s' "$arn" | cut -d : -f 5)
  find_context
  check_context
  step "Context $(word "$context") of cluster $cluster, $address"
}

find_context() {
  command -v kubectl >/dev/null || stop 'kubectl is not in PATH.'
  context=\${ADMIN_CONTEXT:-}
  if [ -z "$context" ]; then
    context=$(kubectl config current-context) || wrong_context 'kubectl has no current context.'
  fi
  server=$(of_context server) || exit 1
  name_in_tls=$(of_context tls-server-name) || exit 1
  given_authority=$(of_context certificate-authority-data) || exit 1
  address=$(shown "$server")
  # A password must not become visible in the list of processes.
  if [ "$address" = "$server" ]; then pinned=yes; else pinned=; fi
}

# The name of a context does not show the cluster, so its API server and its CA are compared with those that EKS returns.
check_context() {
  if [ "$(plain "$server")" = "$(plain "$endpoint")" ]; then tunnel=; else tunnel=yes; fi
  if [ -n "$tunnel" ] && { [ -z "$server" ] || [ "$(plain "$server")" != "$(plain "\${ADMIN_SERVER:-}")" ]; }; then
    wrong_context "context $(word "$context") is not one of cluster $cluster. Nothing was changed.
  API server of the context: $address
  API server of the cluster: $endpoint
If $address is a tunnel to cluster $cluster, or another name of its endpoint, set ADMIN_SERVER=$(word "$address")."
  fi
  if [ "\${ADMIN_CA:-}" = other ]; then return; fi
  # Without a CA, the certificates of the system decide, or none. They say nothing about the cluster behind a tunnel.
  if [ -n "$tunnel" ] && [ -z "$given_authority" ]; then
    wrong_context "context $(word "$context") has no CA, so $address can be another cluster. Nothing was changed.
Add the CA of cluster $cluster to the context. If a proxy with its own CA leads to the cluster, set ADMIN_CA=other."
  fi
  if [ -n "$given_authority" ] && [ "$given_authority" != "$authority" ]; then
    wrong_context "context $(word "$context") has another CA than cluster $cluster, so $address can be another cluster. Nothing was changed.
If a proxy with its own CA leads to cluster $cluster, set ADMIN_CA=other."
  fi
}`;

/** Before anything is created or changed. The dry run finds a context that can read but not write. */
export function clusterChecks(plan: Plan): string {
  const entry = plan.mapping === "aws-auth" ? "\nchange_aws_auth add_entry --dry-run=server >/dev/null" : "";
  return `use_cluster || stop "there is no cluster $cluster in $(region_of_account)." 'Check the name, the region and the AWS credentials.'
${modeCheck(plan)}
each_object check_object
${hereDocument("rbac.yaml", rbacYaml(plan))}
kubectl_ apply --dry-run=server -f "$work/rbac.yaml" >/dev/null${entry}`;
}

/** EKS user guide, "Change authentication mode to use access entries". */
function modeCheck({ mapping }: Plan): string {
  const [mode, why, other] =
    mapping === "aws-auth"
      ? ["API", "does not read aws-auth", "access-entry"]
      : ["CONFIG_MAP", "has no access entries", "aws-auth"];
  return `if [ "$mode" = ${mode} ]; then
  stop "cluster $cluster has the authentication mode ${mode}, so it ${why}." \\
    'Write the set-up again with --mapping ${other}, or change the mode of the cluster.'
fi`;
}

/** The part of the set-up in the cluster. A former entry of aws-auth is removed last, so that the role is always mapped. */
export function clusterPart(plan: Plan): string {
  const permissions = `step "Permissions in cluster $cluster"
kubectl_ apply -f "$work/rbac.yaml"`;
  const parts =
    plan.mapping === "aws-auth" ? [awsAuthEntryPart, permissions] : [permissions, formerAwsAuthEntry];
  return parts.join("\n\n");
}

/**
 * The mapping in aws-auth is removed whatever the plan has: a former set-up can have had the other one.
 * @param more what else is removed from an existing cluster
 */
export function clusterRemoval(more = ""): string {
  return `if use_cluster; then
  step "Permissions in cluster $cluster"
  each_object remove_object
  step "Mapping in cluster $cluster"
  remove_aws_auth_entry
  find_foreign_entry${more}
else
  step "There is no cluster $cluster in $(region_of_account). Nothing in it is removed"
fi`;
}

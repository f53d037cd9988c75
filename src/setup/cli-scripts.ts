/** `--format cli`: two scripts for the AWS CLI and kubectl. Each can be run again, and stops at the first error. */
import { awsAuthPart, awsAuthRemoval } from "./aws-auth-script.ts";
import { mark, maxSessionDuration, ownerTag, type Plan, type PlannedFile } from "./plan.ts";
import { rbacYaml } from "./rbac.ts";
import { asciiJson, escaped, hereDocument, quoted } from "./shell.ts";
import { findClustersDocument, findClustersPolicy, trustDocument } from "./trust-document.ts";
import { updateKubeconfigCommand } from "./user-command.ts";

export function cliScripts(plan: Plan): readonly [PlannedFile, PlannedFile] {
  return [
    { name: "setup.sh", content: setUpScript(plan), isExecutable: true },
    { name: "clean-up.sh", content: cleanUpScript(plan), isExecutable: true },
  ];
}

function setUpScript(plan: Plan): string {
  const parts = [
    head("creates what is missing, and changes what differs"),
    variables(plan),
    functions,
    foreignEnds,
    checks,
    trustAnchorPart(plan),
    rolePart(plan),
    plan.findsClusters
      ? clustersPart(plan)
      : `missing aws iam delete-role-policy --role-name="$role_name" --policy-name ${findClustersPolicy}`,
    profilePart,
    plan.mapping === "access-entry" ? accessEntryPart(plan) : awsAuthPart(plan, "$account"),
    rbacPart(plan),
    userPart(plan),
  ];
  return `${parts.join("\n\n")}\n`;
}

function userPart(plan: Plan): string {
  const arns = { trustAnchor: "$trust_anchor", profile: "$profile", role: "$role" };
  return `step 'Done. Each user runs this command, with the files of the own certificate:'
cat <<END
${updateKubeconfigCommand(plan, arns).replaceAll("\\\n", "\\\\\n")}
END`;
}

function cleanUpScript(plan: Plan): string {
  const parts = [
    head("removes what setup.sh created"),
    variables(plan),
    functions,
    foreignStays,
    rbacDocument(plan),
    `step "Permissions in the cluster"\nkubectl_ delete --ignore-not-found -f "$work/rbac.yaml"`,
    plan.mapping === "access-entry" ? accessEntryRemoval : awsAuthRemoval,
    removal,
  ];
  return `${parts.join("\n\n")}\n`;
}

function head(what: string): string {
  return `#!/bin/sh
# ${mark}. It ${what}, and can be run again.
# It needs the AWS CLI with an administrator's credentials, and kubectl with an administrator's context:
# the current one, or that of ADMIN_CONTEXT.
set -eu`;
}

function variables(plan: Plan): string {
  const { region, cluster, roleName, rolePath, trustAnchorName, profileName, sessionDuration } = plan;
  return `region=${quoted(region.name)}
cluster=${quoted(cluster)}
trust_anchor_name=${quoted(trustAnchorName)}
profile_name=${quoted(profileName)}
role_name=${quoted(roleName)}
role_path=${quoted(rolePath)}
session_duration=${sessionDuration}
max_session_duration=${maxSessionDuration(plan)}
owner_tag=${ownerTag(plan).key}
owner=${quoted(ownerTag(plan).value)}
admin_context=\${ADMIN_CONTEXT:-}

export AWS_REGION="$region" AWS_DEFAULT_REGION="$region" AWS_PAGER=''
# Roles Anywhere allows an administrator about one call a second. The AWS CLI waits and tries again.
export AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=12`;
}

const functions = `work=$(mktemp -d)
tab=$(printf '\\t')
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
umask 077

step() { printf '%s\\n' "- $*" >&2; }

kubectl_() { kubectl \${admin_context:+--context "$admin_context"} "$@"; }

# Prints the ARNs with the tag of these scripts, the oldest first: two runs at once can create two of one name.
# The arguments are a name, and a command that lists times, ARNs and names. Another's resource of this name is foreign.
own() {
  wanted=$1 ours='' other=''
  shift
  "$@" --output text >"$work/found" || return
  LC_ALL=C sort -o "$work/found" "$work/found"
  while IFS=$tab read -r _ arn name; do
    case $arn in arn:*) ;; *) continue ;; esac
    exists aws rolesanywhere list-tags-for-resource --resource-arn "$arn" --output text \\
      --query "tags[?key=='$owner_tag'].value" </dev/null || continue
    if [ "$(cat "$work/answer")" = "$owner" ]; then ours="$ours $arn"; elif [ "$name" = "$wanted" ]; then other=$arn; fi
  done <"$work/found"
  if [ -n "$ours" ]; then printf '%s' "\${ours# }"; elif [ -n "$other" ]; then foreign "$other"; fi
}

# Whether a resource is there. Any other answer than "not found" ends the script.
exists() {
  if "$@" >"$work/answer" 2>"$work/error"; then return 0; fi
  if grep -Eq 'An error occurred \\((NoSuchEntity|ResourceNotFoundException)\\)' "$work/error"; then return 1; fi
  cat "$work/error" >&2
  exit 1
}

# Runs a command of which "not found" is a success.
missing() { exists "$@" || true; }

# Whether the role is there, with the tag of these scripts.
own_role() {
  exists aws iam list-role-tags --role-name="$role_name" --output text \\
    --query "Tags[?Key=='$owner_tag'].Value" || return 1
  is_own "role $role_name"
}

# Whether the access entry of a role is there, with the tag of these scripts.
own_entry() {
  exists aws eks describe-access-entry --cluster-name "$cluster" --principal-arn "$1" --output text \\
    --query "accessEntry.tags.\\"$owner_tag\\" || ''" || return 1
  is_own "access entry of $1"
}

is_own() {
  by=$(cat "$work/answer")
  if [ "$by" = "$owner" ]; then return 0; fi
  foreign "$1\${by:+, which has the tag of $by}"
  return 1
}`;

const foreignEnds = `foreign() {
  printf '%s\\n' "setup.sh: it did not create this, and does not change it: $1" \\
    "Remove it, or write the set-up again with other names." \\
    "To let setup.sh change it and clean-up.sh remove it, add the tag $owner_tag with the value $owner to it." >&2
  exit 1
}

# Of two that two runs created at once, both runs keep the older one. It prints that one.
# The arguments are the kind, the one that this run created, and all.
settled() {
  oldest=\${3%% *}
  if [ -n "$oldest" ] && [ "$oldest" != "$2" ]; then
    missing aws rolesanywhere "delete-$1" "--$1-id" "\${2##*/}"
  fi
  printf '%s' "\${oldest:-$2}"
}`;

/** Before anything is created, so that a name that is in use leaves nothing behind. */
const checks = `step "What exists already"
trust_anchors() {
  own "$trust_anchor_name" aws rolesanywhere list-trust-anchors \\
    --query "trustAnchors[?name=='$trust_anchor_name'].[createdAt,trustAnchorArn,name]"
}
profiles() {
  own "$profile_name" aws rolesanywhere list-profiles \\
    --query "profiles[?name=='$profile_name'].[createdAt,profileArn,name]"
}
trust_anchor=$(trust_anchors)
profile=$(profiles)
own_role || true`;

const foreignStays = `foreign() { printf '%s\\n' "clean-up.sh: setup.sh did not create this, so it stays: $1" >&2; }`;

function trustAnchorPart(plan: Plan): string {
  const { anchor, tags } = plan;
  const source =
    anchor.kind === "bundle"
      ? { sourceType: "CERTIFICATE_BUNDLE", sourceData: { x509CertificateData: anchor.pem } }
      : { sourceType: "AWS_ACM_PCA", sourceData: { acmPcaArn: anchor.arn } };
  const update =
    anchor.kind === "bundle"
      ? `  aws rolesanywhere update-trust-anchor --trust-anchor-id "\${trust_anchor##*/}" \\
    --source "file://$work/source.json" >/dev/null\n`
      : "";
  return `step "Trust anchor $trust_anchor_name"
${jsonDocument("source.json", source)}
${jsonDocument("tags.json", [...tags, ownerTag(plan)])}
if [ -z "$trust_anchor" ]; then
  created=$(aws rolesanywhere create-trust-anchor --name="$trust_anchor_name" --enabled \\
    --source "file://$work/source.json" --tags "file://$work/tags.json" \\
    --query trustAnchor.trustAnchorArn --output text)
  trust_anchor=$(trust_anchors)
  trust_anchor=$(settled trust-anchor "$created" "$trust_anchor")
else
  trust_anchor=\${trust_anchor%% *}
${update}  aws rolesanywhere enable-trust-anchor --trust-anchor-id "\${trust_anchor##*/}" >/dev/null
fi
account=$(printf '%s' "$trust_anchor" | cut -d : -f 5)`;
}

/** A text for a here-document in which two placeholders become variables of the shell. */
function withVariables(text: string): string {
  return escaped(text)
    .replaceAll(placeholder("trust_anchor"), "$trust_anchor")
    .replaceAll(placeholder("account"), "$account");
}

const placeholder = (name: string): string => `<${name}>`;

/** A policy in a file. */
function policyDocument(path: string, document: object): string {
  return hereDocument(path, withVariables(asciiJson(document)), true);
}

function jsonDocument(path: string, content: object): string {
  return hereDocument(path, asciiJson(content));
}

function rolePart(plan: Plan): string {
  const document = trustDocument(plan, {
    trustAnchorArn: placeholder("trust_anchor"),
    account: placeholder("account"),
  });
  const iamTags = [...plan.tags, ownerTag(plan)].map(({ key, value }) => ({ Key: key, Value: value }));
  return `step "Role $role_name"
${policyDocument("trust.json", document)}
${jsonDocument("role-tags.json", iamTags)}
if own_role; then
  aws iam update-assume-role-policy --role-name="$role_name" --policy-document "file://$work/trust.json"
  aws iam update-role --role-name="$role_name" --max-session-duration "$max_session_duration" >/dev/null
else
${plan.mapping === "access-entry" ? formerEntryRemoval(plan) : ""}  aws iam create-role --role-name="$role_name" --path "$role_path" --max-session-duration "$max_session_duration" \\
    --assume-role-policy-document "file://$work/trust.json" --tags "file://$work/role-tags.json" >/dev/null
fi
role=$(aws iam get-role --role-name="$role_name" --query Role.Arn --output text)`;
}

/** Before the role is created, so that a script that was interrupted after it does the same again. */
function formerEntryRemoval({ region }: Plan): string {
  return `  # An access entry keeps the ID of its role, so one of a former role of this name does not work.
  role="arn:${region.partition.name}:iam::$account:role$role_path$role_name"
  if own_entry "$role"; then
    missing aws eks delete-access-entry --cluster-name "$cluster" --principal-arn "$role"
  fi
`;
}

function clustersPart({ region, cluster }: Plan): string {
  const arn = `arn:${region.partition.name}:eks:${region.name}:${placeholder("account")}:cluster/${cluster}`;
  return `${policyDocument("find-clusters.json", findClustersDocument(arn))}
aws iam put-role-policy --role-name="$role_name" --policy-name ${findClustersPolicy} \\
  --policy-document "file://$work/find-clusters.json"`;
}

const profilePart = `step "Profile $profile_name"
if [ -z "$profile" ]; then
  created=$(aws rolesanywhere create-profile --name="$profile_name" --enabled --role-arns "$role" \\
    --duration-seconds "$session_duration" --tags "file://$work/tags.json" --query profile.profileArn --output text)
  profile=$(profiles)
  profile=$(settled profile "$created" "$profile")
else
  profile=\${profile%% *}
  aws rolesanywhere update-profile --profile-id "\${profile##*/}" --role-arns "$role" \\
    --duration-seconds "$session_duration" >/dev/null
  aws rolesanywhere enable-profile --profile-id "\${profile##*/}" >/dev/null
fi`;

function accessEntryPart(plan: Plan): string {
  const tags = Object.fromEntries([...plan.tags, ownerTag(plan)].map(({ key, value }) => [key, value]));
  return `step "Access entry in cluster $cluster"
${jsonDocument("groups.json", plan.groups)}
${jsonDocument("entry-tags.json", tags)}
if own_entry "$role"; then
  aws eks update-access-entry --cluster-name "$cluster" --principal-arn "$role" \\
    --kubernetes-groups "file://$work/groups.json" >/dev/null
else
  aws eks create-access-entry --cluster-name "$cluster" --principal-arn "$role" \\
    --kubernetes-groups "file://$work/groups.json" --tags "file://$work/entry-tags.json" >/dev/null
fi`;
}

const rbacDocument = (plan: Plan): string => hereDocument("rbac.yaml", rbacYaml(plan));

function rbacPart(plan: Plan): string {
  return `step "Permissions in cluster $cluster"
${rbacDocument(plan)}
kubectl_ apply -f "$work/rbac.yaml"`;
}

const accessEntryRemoval = `step "Access entry in cluster $cluster"
if exists aws iam get-role --role-name="$role_name" --query Role.Arn --output text; then
  role=$(cat "$work/answer")
  if own_entry "$role"; then
    missing aws eks delete-access-entry --cluster-name "$cluster" --principal-arn "$role"
  fi
fi`;

/** Whatever their names, so that one of a former --profile-name does not stay. */
const removal = `step "Profile $profile_name"
profiles=$(own "$profile_name" aws rolesanywhere list-profiles --query "profiles[].[createdAt,profileArn,name]")
for profile in $profiles; do
  missing aws rolesanywhere delete-profile --profile-id "\${profile##*/}"
done

step "Role $role_name"
if own_role; then
  missing aws iam delete-role-policy --role-name="$role_name" --policy-name ${findClustersPolicy}
  missing aws iam delete-role --role-name="$role_name"
fi

step "Trust anchor $trust_anchor_name"
trust_anchors=$(own "$trust_anchor_name" aws rolesanywhere list-trust-anchors \\
  --query "trustAnchors[].[createdAt,trustAnchorArn,name]")
for trust_anchor in $trust_anchors; do
  missing aws rolesanywhere delete-trust-anchor --trust-anchor-id "\${trust_anchor##*/}"
done
step Done`;

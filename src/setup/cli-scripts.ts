/** `--format cli`: two scripts for the AWS CLI and kubectl. Each can be run again, and stops at the first error. */
import { shellQuoted } from "../foundation/foreign-text.ts";
import { clusterChecks, clusterFunctions, clusterPart, clusterRemoval, script } from "./cluster-script.ts";
import { maxSessionDuration, ownerTag, type Plan, type PlannedFile } from "./plan.ts";
import { foreignEnds, foreignStays } from "./script.ts";
import { asciiJson, escaped, hereDocument } from "./shell.ts";
import { findClustersDocument, findClustersPolicy, trustDocument } from "./trust-document.ts";
import { updateKubeconfigCommand } from "./user-command.ts";

export function cliScripts(plan: Plan): readonly [PlannedFile, PlannedFile] {
  const [setUp, cleanUp] = [
    { name: "setup.sh", what: "creates what is missing, and changes what differs" },
    { name: "clean-up.sh", what: "removes what setup.sh created" },
  ];
  return [
    script(plan, setUp, [
      foreignEnds,
      settled,
      clusterFunctions(plan),
      awsFunctions(plan),
      ...setUpParts(plan),
    ]),
    script(plan, cleanUp, [
      ...[foreignStays, clusterFunctions(plan), awsFunctions(plan)],
      ...[clusterRemoval(accessEntryRemoval), removal],
    ]),
  ];
}

function setUpParts(plan: Plan): readonly string[] {
  return [
    clusterChecks(plan),
    checks,
    trustAnchorPart(plan),
    rolePart(plan),
    plan.findsClusters
      ? clustersPart(plan)
      : `missing aws iam delete-role-policy --role-name="$role_name" --policy-name ${findClustersPolicy}`,
    profilePart,
    ...(plan.mapping === "access-entry"
      ? [accessEntryPart(plan), clusterPart(plan)]
      : [clusterPart(plan), formerAccessEntry]),
    userPart(plan),
  ];
}

function userPart(plan: Plan): string {
  const arns = { trustAnchor: "$trust_anchor", profile: "$profile", role: "$role" };
  return `step 'Done. Each user runs this command, with the files of the own certificate:'
cat <<END
${updateKubeconfigCommand(plan, arns).replaceAll("\\\n", "\\\\\n")}
END`;
}

/** The names, and the functions that find the resources of AWS with the tag of these scripts. */
function awsFunctions(plan: Plan): string {
  const { rolePath, trustAnchorName, profileName, sessionDuration } = plan;
  return `trust_anchor_name=${shellQuoted(trustAnchorName)}
profile_name=${shellQuoted(profileName)}
role_path=${shellQuoted(rolePath)}
session_duration=${sessionDuration}
max_session_duration=${maxSessionDuration(plan)}

${resourceFunctions}`;
}

const resourceFunctions = `# Prints the ARNs with the tag of these scripts, the oldest first: two runs at once can create two of one name.
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
  if [ -n "$ours" ]; then
    printf '%s' "\${ours# }"
  elif [ -n "$other" ]; then
    foreign "$other" "add the tag $owner_tag with the value $owner to it."
  fi
}

# Whether the role is there, with the tag of these scripts.
own_role() {
  exists aws iam list-role-tags --role-name="$role_name" --output text \\
    --query "Tags[?Key=='$owner_tag'].Value" || return 1
  is_own "role $role_name"
}

# Prints the ARN of the role, also before it is created and after it was deleted.
role_arn() {
  if exists aws iam get-role --role-name="$role_name" --query Role.Arn --output text; then
    cat "$work/answer"
  else
    printf '%s' "arn:$partition:iam::$account:role$role_path$role_name"
  fi
}

# Whether the access entry of a role is there, with the tag of these scripts.
own_entry() {
  exists aws eks describe-access-entry --cluster-name "$cluster" --principal-arn "$1" --output text \\
    --query "accessEntry.tags.\\"$owner_tag\\" || ''" || return 1
  is_own "access entry of $1"
}

remove_entry() {
  if own_entry "$1"; then missing aws eks delete-access-entry --cluster-name "$cluster" --principal-arn "$1"; fi
}

# In mode CONFIG_MAP, EKS refuses every call about them.
has_entries() { [ "$mode" != CONFIG_MAP ]; }`;

const settled = `# Of two that two runs created at once, both runs keep the older one. It prints that one.
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
own_role || true
role=$(role_arn)
if has_entries; then own_entry "$role" || true; fi`;

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
fi`;
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
${plan.mapping === "access-entry" ? formerEntryRemoval : ""}  aws iam create-role --role-name="$role_name" --path "$role_path" --max-session-duration "$max_session_duration" \\
    --assume-role-policy-document "file://$work/trust.json" --tags "file://$work/role-tags.json" >/dev/null
fi
role=$(aws iam get-role --role-name="$role_name" --query Role.Arn --output text)`;
}

/** Before the role is created, so that a script that was interrupted after it does the same again. */
const formerEntryRemoval = `  # An access entry keeps the ID of its role, so one of a former role of this name does not work.
  remove_entry "$role"
`;

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
  attempt=1
  until aws eks create-access-entry --cluster-name "$cluster" --principal-arn "$role" >/dev/null 2>"$work/error" \\
    --kubernetes-groups "file://$work/groups.json" --tags "file://$work/entry-tags.json"; do
    # EKS knows a new role only after some seconds.
    if [ "$attempt" = 12 ] || ! grep -q 'invalid principal' "$work/error"; then
      cat "$work/error" >&2
      exit 1
    fi
    attempt=$((attempt + 1))
    sleep 5
  done
fi`;
}

/** Of a set-up that had the other mapping. An access entry comes before aws-auth, so it is removed after the new mapping exists. */
const formerAccessEntry = `if has_entries; then remove_entry "$role"; fi`;

const accessEntryRemoval = `
  role=$(role_arn)
  if has_entries; then remove_entry "$role"; fi`;

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

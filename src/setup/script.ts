/** What every script of a set-up begins with: its variables, and the functions that all parts use. POSIX shell. */
import { shellQuoted } from "../foundation/foreign-text.ts";
import { mark, ownerTag, type Plan } from "./plan.ts";

export interface ScriptHead {
  /** The name of the file, for its messages. */
  name: string;
  /** Completes "It …". */
  what: string;
}

export function head({ what }: ScriptHead): string {
  return `#!/bin/sh
# ${mark}. It ${what}, and can be run again.
# It needs the AWS CLI with an administrator's credentials, and kubectl with an administrator's context of the cluster:
#   ADMIN_CONTEXT  this context. Without it, the current one
#   ADMIN_SERVER   the API server of this context, if it is a tunnel to the cluster, or another name of its endpoint
#   ADMIN_CA=other if a proxy with its own CA leads to the cluster
set -eu`;
}

export function variables(plan: Plan, { name }: ScriptHead): string {
  const { region, cluster, roleName } = plan;
  return `script=${name}
region=${shellQuoted(region.name)}
cluster=${shellQuoted(cluster)}
role_name=${shellQuoted(roleName)}
owner_tag=${ownerTag(plan).key}
owner=${shellQuoted(ownerTag(plan).value)}

export AWS_REGION="$region" AWS_DEFAULT_REGION="$region" AWS_PAGER=''
# The scripts read the codes of errors, in the form that every version of the AWS CLI can print.
export AWS_CLI_ERROR_FORMAT=legacy AWS_CLI_AUTO_PROMPT=off
# Roles Anywhere allows an administrator about one call a second. The AWS CLI waits and tries again.
export AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=12`;
}

export const functions = `work=$(mktemp -d)
tab=$(printf '\\t')
cr=$(printf '\\r')
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
umask 077

step() { printf '%s\\n' "- $*" >&2; }

# Ends the script. Each argument is a line.
stop() {
  printf '%s\\n' "$script: $1" >&2
  shift
  printf '%s\\n' "$@" >&2
  exit 1
}

# A text as one word of a shell.
word() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\\\\\''/g")"; }

# Whether a resource is there. Any other answer than "not found" ends the script.
exists() {
  if "$@" >"$work/answer" 2>"$work/error"; then return 0; fi
  if grep -Eq 'An error occurred \\((NoSuchEntity|ResourceNotFoundException)\\)' "$work/error"; then return 1; fi
  cat "$work/error" >&2
  exit 1
}

# For the messages about a cluster that does not exist.
region_of_account() { printf '%s' "$region of account $(aws sts get-caller-identity --query Account --output text)"; }

# Runs a command of which "not found" is a success.
missing() { exists "$@" || true; }

# The arguments are a description, and how one can add the mark of these scripts.
is_own() {
  by=$(cat "$work/answer")
  if [ "$by" = "$owner" ]; then return 0; fi
  by=$(printf '%s' "$by" | LC_ALL=C tr -d '\\000-\\037\\177')
  foreign "$1\${by:+, which belongs to $by}" "\${2:-add the tag $owner_tag with the value $owner to it.}"
  return 1
}`;

/** For a script that creates. */
export const foreignEnds = `foreign() {
  stop "it did not create this, and does not change it: $1" \\
    'Remove it, or write the set-up again with other names.' \\
    "To let these scripts change and remove it, $2"
}`;

/** For a script that removes. */
export const foreignStays = `foreign() {
  printf '%s\\n' "$script: the set-up did not create this, so it stays: $1" "To let this script remove it, $2" >&2
}`;

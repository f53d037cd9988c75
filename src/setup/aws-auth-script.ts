/** The entry of aws-auth in the scripts. No value is part of a regular expression or of an expression of another language. */
import type { Plan } from "./plan.ts";
import { awsAuthEntry } from "./rbac.ts";
import { escaped } from "./shell.ts";

/** The lines between these two comments belong to the role. They stay in the text of mapRoles. */
const functions = `begin="# eks-x509 setup: $role_name"
end="# end of eks-x509 setup: $role_name"

# Prints a mapRoles without the entry of this role, and sets had_entry. A list without entries can be written as [].
without_entry() {
  inside='' had_entry='' is_empty=yes entries='' entry_margin=''
  while IFS= read -r line || [ -n "$line" ]; do
    text=\${line#"\${line%%[! ]*}"}
    margin=\${line%"$text"}
    text=\${text%"$cr"}
    case $text in -[!-]*) is_empty= ;; esac
    if [ "$text" = "$begin" ]; then inside=yes had_entry=yes entry_margin=$margin; fi
    if [ -z "$inside$is_empty" ] || { [ -z "$inside" ] && [ "$text" != '[]' ]; }; then printf '%s\\n' "$line"; fi
    case $inside,$margin,$text in "yes,$entry_margin,-"*) entries="x$entries" ;; esac
    if [ "$text" = "$end" ]; then
      inside=
      case $entries in xx*) stop "aws-auth has other entries before the line '$end'." 'Move them behind this line.' ;; esac
      entries=''
    fi
  done
  if [ -z "$inside" ]; then return 0; fi
  stop "aws-auth has the line '$begin' without the line '$end' after it." 'Remove this entry by hand.'
}

# Prints the spaces before the entries, so that the new entry has the same.
indentation() {
  while IFS= read -r line; do
    text=\${line#"\${line%%[! ]*}"}
    case \${text%"$cr"} in
      '' | '#'* | '---'*) ;;
      -*) printf '%s' "\${line%%[! ]*}"; return 0 ;;
      *) not_a_list ;;
    esac
  done
}

not_a_list() {
  stop 'mapRoles of aws-auth is not a list with one entry after the other.' 'Add the entry of this role by hand.'
}

aws_auth() { kubectl_ -n kube-system get configmap aws-auth --ignore-not-found -o "$1"; }

# Writes the mapRoles without the entry of this role into a file. The version is read first, so a change after it is a conflict.
read_aws_auth() {
  version=$(aws_auth 'jsonpath={.metadata.resourceVersion}')
  aws_auth 'jsonpath={.data.mapRoles}' >"$work/before.yaml"
  without_entry <"$work/before.yaml" >"$work/map-roles.yaml"
}

# Prints a file as a text of JSON, which keeps every character. A block of YAML does not keep \\r, and not every line break.
json_text() {
  LC_ALL=C sed 's/[\\\\"]/\\\\&/g'"; s/$tab/\\\\\\\\t/g; s/$cr/\\\\\\\\r/g"'; s/$/\\\\n/' "$1" >"$work/lines" &&
    tr -d '\\n' <"$work/lines"
}

# False if somebody else changed aws-auth after it was read. The arguments are flags of kubectl.
write_aws_auth() {
  if [ -z "$version" ]; then
    set -- create configmap aws-auth --from-file="mapRoles=$work/map-roles.yaml" "$@"
  else
    map_roles=$(json_text "$work/map-roles.yaml") || exit 1
    printf '{"metadata":{"resourceVersion":"%s"},"data":{"mapRoles":"%s"}}' "$version" "$map_roles" >"$work/patch.json" || exit 1
    set -- patch configmap aws-auth --type merge --patch-file "$work/patch.json" "$@"
  fi
  if kubectl_ -n kube-system "$@"; then return 0; fi
  if grep -Eq '\\((Conflict|AlreadyExists)\\)' "$work/error"; then return 1; fi
  exit 1
}

# Writes the mapRoles without the entry of this role, after a function has changed it. The other arguments are flags of kubectl.
change_aws_auth() {
  change=$1
  shift
  for _ in 1 2 3 4 5; do
    read_aws_auth
    "$change"
    if write_aws_auth "$@"; then return 0; fi
  done
  stop 'aws-auth was changed while this script ran.' 'Run this script again.'
}

remove_aws_auth_entry() {
  read_aws_auth
  if [ -n "$had_entry" ]; then change_aws_auth :; fi
}`;

/** The functions, for a shell with the variable account. */
export function awsAuthFunctions(plan: Plan): string {
  const placeholder = "<account>";
  const [first = "", ...rest] = awsAuthEntry(plan, placeholder).split("\n");
  const entry = (lines: readonly string[]): string =>
    escaped(lines.join("\n")).replaceAll(placeholder, "$account");
  return `${functions}

# The cluster uses the last entry of a role. One without the two comments is foreign.
find_foreign_entry() {
  entry=$(printf '%s' "${entry([first])}" | tr -d ' ')
  tr -d "\\"' $tab$cr" <"$work/map-roles.yaml" | sed 's/^-//; s/#.*//' >"$work/entries"
  grep -F '{' "$work/entries" >"$work/flow-entries" || true
  if grep -Fqix -e "\${entry#-}" -e "\${entry#-}," "$work/entries" || grep -Fqi -e "\${entry#-}," -e "\${entry#-}}" "$work/flow-entries"; then
    foreign "entry of aws-auth for role $role_name" "write the line '$begin' before this entry, and '$end' after it."
  fi
}

add_entry() {
  find_foreign_entry
  if grep -q '^\\.\\.\\.' "$work/map-roles.yaml"; then not_a_list; fi
  indent=$(indentation <"$work/map-roles.yaml")
  cat >"$work/entry.yaml" <<END
$begin
${entry([first, ...rest])}$end
END
  while IFS= read -r line; do printf '%s\\n' "$indent$line"; done <"$work/entry.yaml" >>"$work/map-roles.yaml"
}`;
}

export const awsAuthEntryPart = `step "Entry of aws-auth in cluster $cluster"
change_aws_auth add_entry`;

/** Of a set-up that had the other mapping. */
export const formerAwsAuthEntry = `read_aws_auth
if [ -n "$had_entry" ]; then
  step "Former entry of aws-auth in cluster $cluster"
  change_aws_auth :
fi`;

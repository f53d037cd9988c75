/** The entry of aws-auth in the scripts. No value is part of a regular expression or of an expression of another language. */
import type { Plan } from "./plan.ts";
import { awsAuthEntry } from "./rbac.ts";
import { escaped } from "./shell.ts";

/** The lines between these two comments belong to the role. They stay in the text of mapRoles. */
const functions = `begin="# eks-x509 setup: $role_name"
end="# end of eks-x509 setup: $role_name"

# Prints a mapRoles without the entry of this role, and sets had_entry. A list without entries can be written as [].
without_entry() {
  inside='' had_entry=''
  while IFS= read -r line || [ -n "$line" ]; do
    text=\${line#"\${line%%[! ]*}"}
    if [ "$text" = "$begin" ]; then inside=yes had_entry=yes; fi
    if [ -z "$inside" ] && [ "$text" != '[]' ]; then printf '%s\\n' "$line"; fi
    if [ "$text" = "$end" ]; then inside=; fi
  done
  if [ -z "$inside" ]; then return 0; fi
  stop "aws-auth has the line '$begin' without the line '$end' after it." 'Remove this entry by hand.'
}

# Prints the spaces before the entries, so that the new entry has the same.
indentation() {
  while IFS= read -r line; do
    text=\${line#"\${line%%[! ]*}"}
    case $text in
      '' | '#'* | '---'*) ;;
      -*) printf '%s' "\${line%%[! ]*}"; return 0 ;;
      *) stop 'mapRoles of aws-auth is not a list with one entry after the other.' 'Add the entry of this role by hand.' ;;
    esac
  done
}

aws_auth() { kubectl_ -n kube-system get configmap aws-auth --ignore-not-found -o "$1"; }

# Writes the mapRoles without the entry of this role into a file.
read_aws_auth() {
  configmap=$(aws_auth name)
  aws_auth 'jsonpath={.data.mapRoles}' >"$work/before.yaml"
  without_entry <"$work/before.yaml" >"$work/map-roles.yaml"
}

# The arguments are flags of kubectl.
write_aws_auth() {
  if [ -z "$configmap" ]; then
    kubectl_ -n kube-system create configmap aws-auth --from-file="mapRoles=$work/map-roles.yaml" "$@"
    return
  fi
  {
    printf 'data:\\n  mapRoles: |2\\n'
    while IFS= read -r line; do printf '    %s\\n' "$line"; done <"$work/map-roles.yaml"
  } >"$work/patch.yaml"
  kubectl_ -n kube-system patch configmap aws-auth --type merge --patch-file "$work/patch.yaml" "$@"
}

remove_aws_auth_entry() {
  read_aws_auth
  if [ -n "$had_entry" ]; then write_aws_auth; fi
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
  tr -d "\\"' " <"$work/map-roles.yaml" | sed 's/^-//; s/#.*//' >"$work/entries"
  grep -F '{' "$work/entries" >"$work/flow-entries" || true
  if grep -Fqix -e "\${entry#-}" "$work/entries" || grep -Fqi -e "\${entry#-}," -e "\${entry#-}}" "$work/flow-entries"; then
    foreign "entry of aws-auth for role $role_name" "write the line '$begin' before this entry, and '$end' after it."
  fi
}

add_entry() {
  indent=$(indentation <"$work/map-roles.yaml")
  cat >"$work/entry.yaml" <<END
$begin
${entry([first, ...rest])}$end
END
  while IFS= read -r line; do printf '%s\\n' "$indent$line"; done <"$work/entry.yaml" >>"$work/map-roles.yaml"
}`;
}

export const awsAuthEntryPart = `step "Entry of aws-auth in cluster $cluster"
read_aws_auth
add_entry
write_aws_auth`;

/** Of a set-up that had the other mapping. */
export const formerAwsAuthEntry = `read_aws_auth
if [ -n "$had_entry" ]; then
  step "Former entry of aws-auth in cluster $cluster"
  write_aws_auth
fi`;

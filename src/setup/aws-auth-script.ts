/** The entry of aws-auth in the scripts of `--format cli`. No value is part of a regular expression or of an expression of another language. */
import type { Plan } from "./plan.ts";
import { awsAuthEntry } from "./rbac.ts";
import { escaped } from "./shell.ts";

/** The lines between these two comments belong to the role. They stay in the text of mapRoles. */
const functions = `begin="# eks-x509 setup: $role_name"
end="# end of eks-x509 setup: $role_name"

# Prints a mapRoles without the entry of this role. A list without entries can be written as [].
without_entry() {
  inside=
  while IFS= read -r line || [ -n "$line" ]; do
    text=\${line#"\${line%%[! ]*}"}
    if [ "$text" = "$begin" ]; then inside=yes; fi
    if [ -z "$inside" ] && [ "$text" != '[]' ]; then printf '%s\\n' "$line"; fi
    if [ "$text" = "$end" ]; then inside=; fi
  done
  if [ -z "$inside" ]; then return 0; fi
  echo "aws-auth has the line '$begin' without the line '$end' after it. Remove this entry by hand." >&2
  return 1
}

# Prints the spaces before the entries, so that the new entry has the same.
indentation() {
  while IFS= read -r line; do
    text=\${line#"\${line%%[! ]*}"}
    case $text in
      '' | '#'* | '---'*) ;;
      -*) printf '%s' "\${line%%[! ]*}"; return 0 ;;
      *) echo 'mapRoles of aws-auth is not a list with one entry after the other. Add the entry of this role by hand.' >&2; return 1 ;;
    esac
  done
}

aws_auth() { kubectl_ -n kube-system get configmap aws-auth --ignore-not-found -o "$1"; }

write_aws_auth() {
  if [ -z "$configmap" ]; then
    kubectl_ -n kube-system create configmap aws-auth --from-file="mapRoles=$work/map-roles.yaml"
    return
  fi
  {
    printf 'data:\\n  mapRoles: |2\\n'
    while IFS= read -r line; do printf '    %s\\n' "$line"; done <"$work/map-roles.yaml"
  } >"$work/patch.yaml"
  kubectl_ -n kube-system patch configmap aws-auth --type merge --patch-file "$work/patch.yaml"
}

configmap=$(aws_auth name)
aws_auth 'jsonpath={.data.mapRoles}' >"$work/before.yaml"
without_entry <"$work/before.yaml" >"$work/map-roles.yaml"`;

const heading = `step "Entry of aws-auth in cluster $cluster"`;

/** @param account a variable of the shell */
export function awsAuthPart(plan: Plan, account: string): string {
  const placeholder = "<account>";
  const entry = escaped(awsAuthEntry(plan, placeholder)).replaceAll(placeholder, account);
  return `${heading}
${functions}
indent=$(indentation <"$work/map-roles.yaml")
cat >"$work/entry.yaml" <<END
$begin
${entry}$end
END
while IFS= read -r line; do printf '%s\\n' "$indent$line"; done <"$work/entry.yaml" >>"$work/map-roles.yaml"
write_aws_auth`;
}

export const awsAuthRemoval = `${heading}
${functions}
if [ -n "$configmap" ]; then write_aws_auth; fi`;

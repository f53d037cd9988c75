/** Runs a script of a set-up with stubs for aws and kubectl: they write their words into a log, and answer from a table. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownerTag, type Plan } from "../../src/setup/plan.ts";

/** By the first two words of a command of aws. */
export type Answers = Readonly<Record<string, string>>;

export const anchor =
  "arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/11111111-1111-1111-1111-111111111111";
export const profile = anchor.replace("trust-anchor", "profile");
export const endpoint = "https://EXAMPLE.gr7.us-west-2.eks.amazonaws.com";

/** As the scripts list them: a time, an ARN and a name in each line. */
export const listed = (...arns: string[]): string =>
  arns.map((arn, at) => `2026-01-0${at + 1}T00:00:00Z\t${arn}\teks\n`).join("");

/** As the scripts read the cluster. */
export const cluster = ({
  mode = "API_AND_CONFIG_MAP",
  server = endpoint,
  ca = "Q0E=",
  status = "ACTIVE",
} = {}): string => [server, ca, mode, "arn:aws:eks:us-west-2:111122223333:cluster/demo", status].join("\t");

/** The answers of an account in which the scripts of the plan created everything. */
export const createdBy = (plan: Plan): Answers => {
  const { value } = ownerTag(plan);
  const asked = ["rolesanywhere list-tags-for-resource", "iam list-role-tags", "eks describe-access-entry"];
  return {
    "eks describe-cluster": cluster(),
    "rolesanywhere list-trust-anchors": listed(anchor),
    "rolesanywhere list-profiles": listed(profile),
    "iam get-role": "arn:aws:iam::111122223333:role/eks-read-only",
    ...Object.fromEntries(asked.map((words) => [words, value])),
  };
};

/** The context of kubectl, and the cluster behind it. */
export interface Kubectl {
  server?: string;
  ca?: string;
  tlsServerName?: string;
  /** The mark of every object of RBAC, or an empty text; undefined if there are no objects. */
  owner?: string | undefined;
  /** Undefined if there is no aws-auth. */
  mapRoles?: string | undefined;
  /** Words of the commands that the server refuses, separated by `|`. */
  forbidden?: string;
  env?: Readonly<Record<string, string>>;
}

const kubectlStub = `
kubectl() {
  log kubectl "$@"
  case "$*" in
    *NO_CONTEXT*) echo 'error: cannot locate context NO_CONTEXT' >&2; return 1 ;;
    'config current-context') if [ -z "$CONTEXT" ]; then echo 'error: current-context is not set' >&2; return 1; fi; echo "$CONTEXT" ;;
    *cluster.server*) printf '%s' "$SERVER" ;;
    *cluster.tls-server-name*) printf '%s' "$TLS_SERVER_NAME" ;;
    *certificate-authority-data*) printf '%s' "$CA" ;;
    $FORBIDDEN) echo "Error from server (\${REASON:-Forbidden}): it is refused" >&2; return 1 ;;
    *'{.metadata.name} '*) if [ -n "$HAS_OBJECTS" ]; then printf 'name %s' "$OWNER"; fi ;;
    *' get clusterrole'*'-o name') printf '%s' "\${KEPT:-}" ;;
    *jsonpath*resourceVersion*) if [ -e "$MAP_ROLES" ]; then printf 42; fi ;;
    *jsonpath*mapRoles*) if [ -e "$MAP_ROLES" ]; then cat "$MAP_ROLES"; fi ;;
    *dry-run*) ;;
    *'create configmap'*)
      for each; do case $each in --from-file=*) cp "$(printf %s "$each" | cut -d = -f 3-)" "$MAP_ROLES" ;; esac; done ;;
    *patch*)
      if [ "\${CONFLICTS:-0}" -gt 0 ]; then
        CONFLICTS=$((CONFLICTS - 1))
        echo 'Error from server (Conflict): it was modified' >&2
        return 1
      fi
      for each; do last=$each; done; cp "$last" "$MAP_ROLES.yaml" ;;
  esac
}
log() {
  for each; do
    case $each in file://*) tr -d '\\n' <"\${each#file://}" ;; *) printf %s "$each" ;; esac
    printf '\\037'
  done >>"$LOG"
  printf '\\n' >>"$LOG"
}
`;

/** @throws {Error} with what a script that fails printed. */
export function runScript(
  folder: string,
  script: string,
  answers: Answers,
  kubectl: Kubectl = {},
): { commands: string[]; stderr: string; mapRoles: string; patch: string } {
  mkdirSync(folder, { recursive: true });
  const [path, log, state] = ["script.sh", "log", "map-roles"].map((name) => join(folder, name));
  if (path === undefined || log === undefined || state === undefined) throw new TypeError("no path");
  const { mapRoles, forbidden = "nothing" } = kubectl;
  for (const file of [state, `${state}.yaml`]) rmSync(file, { force: true });
  if (mapRoles !== undefined) writeFileSync(state, mapRoles);
  writeFileSync(log, "");
  const cases = Object.entries(answers).map(([words, answer]) => `"${words}") printf '%s' '${answer}';;`);
  const aws = `aws() { log aws "$@"; case "$1 $2" in ${cases.join(" ")} esac; }\n`;
  writeFileSync(path, aws + kubectlStub.replace("$FORBIDDEN", forbidden) + script);
  const { status, stderr } = spawnSync("sh", [path], {
    env: { PATH: process.env["PATH"], LOG: log, MAP_ROLES: state, ...environment(kubectl) },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  const read = (file: string): string => {
    try {
      return readFileSync(file, "utf8");
    } catch {
      return "";
    }
  };
  return {
    commands: read(log).split("\n").filter(Boolean),
    stderr,
    mapRoles: read(state),
    patch: read(`${state}.yaml`),
  };
}

function environment({
  server = endpoint,
  ca = "Q0E=",
  tlsServerName = "",
  owner,
  env,
}: Kubectl): Record<string, string> {
  const objects = owner === undefined ? { HAS_OBJECTS: "" } : { HAS_OBJECTS: "yes", OWNER: owner };
  return {
    CONTEXT: "demo-admin",
    SERVER: server,
    CA: ca,
    TLS_SERVER_NAME: tlsServerName,
    ...objects,
    ...env,
  };
}

/** A cluster's name from a kubeconfig counts only for a server that it belongs to. Loaded only for such a name. */
import { errorsOf, usageError } from "../../foundation/errors.ts";
import {
  type ClusterInfo,
  type KnownServer,
  parseServers,
  parseRecord,
  serverProblem,
} from "../../exec/cluster-server.ts";
import { isMisleading } from "../../http/endpoint.ts";
import type { GetTokenInput } from "../../sign-in/input.ts";
import type { Ports } from "../../sign-in/ports.ts";
import { defaultConfigPath } from "./config-file.ts";
import type { Settings } from "./settings.ts";

type InputPorts = Pick<Ports, "env" | "machine" | "readOptional" | "sha256">;

/** @param cluster undefined if its name is not from a kubeconfig: then only the setting is checked */
export async function checkServer(
  { token: { clusterName: name, region } }: GetTokenInput,
  settings: Settings,
  cluster: ClusterInfo | undefined,
  root: InputPorts,
): Promise<void> {
  const allowed = allowedServers(settings);
  if (!cluster) return;
  const known = [...allowed, ...(await recordedServers(root))];
  const problem = serverProblem({ name, region, info: cluster, sha256: root.sha256 }, known);
  if (problem === undefined) return;
  const { server = "" } = cluster;
  const host = !isMisleading(server) && URL.canParse(server) ? new URL(server).host : "a server";
  throw errorsOf("usage", "exec-info")(
    "CLUSTER_SERVER_UNKNOWN",
    `the kubeconfig's cluster entry names the cluster ${name}, and ${host} is not known to be that cluster: ${problem}`,
    `If the entry is yours, run eks-x509 update-kubeconfig --name ${name} again, which records the server, or set cluster-servers: ${name}=URL in the config file. If it is from somebody else, do not use it.`,
  );
}

function allowedServers(settings: Settings): readonly KnownServer[] {
  const setting = settings.get("cluster-servers");
  if (!setting) return [];
  const servers = parseServers(setting.value);
  if (servers) return servers;
  throw usageError(
    "CLUSTER_SERVERS_INVALID",
    `${setting.source} is not a list of NAME=URL`,
    "Write, for example, demo=https://127.0.0.1:8443, and several with spaces between them.",
  );
}

/** Beside the default config file. */
export function recordPath({ env, machine }: Pick<Ports, "env" | "machine">): string | undefined {
  const config = defaultConfigPath(env, machine);
  return config && machine.paths.join(machine.paths.dirname(config), "cluster-servers");
}

/** Without a record, only EKS endpoints count. One that others can write is no record. */
async function recordedServers(root: InputPorts): Promise<readonly KnownServer[]> {
  const path = recordPath(root);
  if (path === undefined) return [];
  const role = { given: "the record of servers", hop: "configuration", category: "usage" } as const;
  const content = await root.readOptional(path, role);
  if (typeof content === "string" || content.exposure !== undefined) return [];
  return parseRecord(new TextDecoder().decode(content.bytes));
}

/** From flags and settings to what update-kubeconfig works on, which cannot be wrong. */
import { eksHost } from "../../../aws/hosts.ts";
import type { Region } from "../../../aws/partition.ts";
import { EksX509Error, type CodeOf } from "../../../foundation/errors.ts";
import type { SessionInput } from "../../../sign-in/input.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import { endpointIn, parseEndpoint } from "../../../http/endpoint.ts";
import type { Environment } from "../../../foundation/environment.ts";
import type { EntryForm, WrittenUser } from "../../../kubeconfig/edit/cluster-entries.ts";
import type { Flags } from "../../command-flags.ts";
import { clusterName, clusterRegion, endpointVariant, sessionInput } from "../../settings/input.ts";
import { givenCluster, type GivenCluster } from "./given-cluster.ts";
import { entryForm } from "./entry-form.ts";
import type { Setting, Settings } from "../../settings/settings.ts";
import { writtenUser } from "./written-user.ts";

export interface UpdateKubeconfigInput {
  session: SessionInput;
  region: Region;
  /** In the order in which they are written, each once. */
  clusters: readonly string[] | "all";
  /** What is known of the cluster, so that AWS need not be asked. */
  given: GivenCluster | undefined;
  eksEndpoint: URL;
  user: WrittenUser;
  form: Omit<EntryForm, "isCurrent">;
  setCurrent: boolean;
  /** The file is for several machines, of which this one need not be one. */
  isHomeRelative: boolean;
}

/** @throws EksX509Error of category usage */
export function updateKubeconfigInput(
  flags: Flags,
  settings: Settings,
  where: Pick<Ports, "env" | "machine">,
): UpdateKubeconfigInput {
  const { env } = where;
  const clusters = clustersOf(flags, settings);
  const session = sessionInput(settings, where);
  const isHomeRelative = flags.isOn("home-relative") ?? false;
  const region = clusterRegion(settings, session.session.trustAnchor);
  return {
    session,
    region,
    clusters,
    given: givenCluster(flags, clusters),
    eksEndpoint: eksEndpoint(flags, env) ?? new URL(`https://${eksHost(region, endpointVariant(env))}`),
    user: writtenUser(settings, session, where.machine, isHomeRelative),
    form: entryForm(flags, where.machine, clusters),
    setCurrent: flags.isOn("set-current") ?? clusters !== "all",
    isHomeRelative,
  };
}

function clustersOf(flags: Flags, settings: Settings): readonly string[] | "all" {
  const named: Setting[] = flags.list("name").map((value) => ({ value, source: "--name" }));
  if (flags.isOn("all")) {
    if (named.length === 0) return "all";
    throw invalid("CLUSTERS_NAMED_TWICE", "--name and --all are given together", "Give one of them.");
  }
  const elsewhere = settings.get("cluster-name");
  const names = named.length === 0 && elsewhere ? [elsewhere] : named;
  if (names.length > 0) return [...new Set(names.map(clusterName))];
  throw invalid(
    "CLUSTERS_NOT_NAMED",
    "no cluster is named",
    "Give --name, once for each cluster, or --all for those of the region.",
  );
}

function eksEndpoint(flags: Flags, env: Environment): URL | undefined {
  const flag = flags.text("eks-endpoint");
  const given =
    flag === undefined ? endpointIn(env, "EKS") : { source: "--eks-endpoint", endpoint: parseEndpoint(flag) };
  if (!given) return undefined;
  if (given.endpoint instanceof URL) return given.endpoint;
  throw invalid(
    "EKS_ENDPOINT_INVALID",
    `the endpoint in ${given.source} ${given.endpoint}`,
    "Give one such as https://eks.us-west-2.amazonaws.com, or http://127.0.0.1:PORT for a test.",
  );
}

function invalid(code: CodeOf<"usage", "configuration">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "usage", hop: "configuration", code, message, hint });
}

/** Parses flags and settings into the input of update-kubeconfig, whose types cannot be wrong. */
import { certificateAuthority } from "../../../aws/eks/certificate-authority.ts";
import { clusterEndpoint, isHost } from "../../../aws/eks/cluster-endpoint.ts";
import { type Region, eksHost } from "../../../aws/partition.ts";
import type { Environment, FileContent } from "../../../foundation/ports.ts";
import { usageError } from "../../../foundation/errors.ts";
import { endpointIn, parseEndpoint } from "../../../http/endpoint.ts";
import type { EntryForm, WrittenUser } from "../../../kubeconfig/edit/cluster-entries.ts";
import type { SessionInput } from "../../../sign-in/input.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import type { Flags } from "../../command.ts";
import type { HomeRules, Setting, Settings } from "../../settings/settings.ts";
import { clusterName, clusterRegion, endpointVariant, sessionInput } from "../../settings/input.ts";
import { elsewhereWarnings, writtenUser } from "../../settings/written-user.ts";
import { execCommand } from "../../settings/exec-command.ts";
import { isLikeSecret, shown } from "../../../foundation/shown.ts";

export interface UpdateKubeconfigInput {
  session: SessionInput;
  region: Region;
  /** In the order in which they are written, without duplicates. */
  clusters: readonly string[] | "all";
  /** The description of the cluster from options. AWS is then not called. */
  given: GivenCluster | undefined;
  eksEndpoint: URL;
  user: WrittenUser;
  form: EntryForm;
  /** The file is for several machines, and this machine need not be one of them. */
  isHomeRelative: boolean;
  warnings: readonly string[];
}

export function updateKubeconfigInput(
  flags: Flags,
  settings: Settings,
  where: Pick<Ports, "env" | "machine">,
): UpdateKubeconfigInput {
  const clusters = clustersOf(flags, settings);
  const session = sessionInput(settings, where);
  const isHomeRelative = flags.isOn("home-relative") ?? false;
  const region = clusterRegion(settings, session.parameters.trustAnchor);
  const user = writtenUser(settings, session, where.machine, isHomeRelative);
  return {
    session,
    region,
    clusters,
    given: givenCluster(flags, clusters),
    eksEndpoint: eksEndpoint(flags, region, where.env),
    user,
    form: entryForm(flags, where.machine, clusters),
    isHomeRelative,
    warnings: isHomeRelative ? elsewhereWarnings(user) : [],
  };
}

function clustersOf(flags: Flags, settings: Settings): readonly string[] | "all" {
  const named: Setting[] = flags.list("name").map((value) => ({ value, source: "--name" }));
  if (flags.isOn("all")) {
    if (named.length === 0) return "all";
    throw usageError("CLUSTERS_NAMED_TWICE", "--name and --all exclude each other", "Use one of them.");
  }
  const elsewhere = settings.get("cluster-name");
  const names = named.length === 0 && elsewhere ? [elsewhere] : named;
  if (names.length > 0) return [...new Set(names.map((name) => clusterName(name)))];
  throw usageError(
    "CLUSTERS_NOT_NAMED",
    "no cluster is selected",
    "Use --name for each cluster, or --all for every cluster of the region.",
  );
}

function eksEndpoint(flags: Flags, region: Region, env: Environment): URL {
  const flag = flags.text("eks-endpoint");
  const given =
    flag === undefined ? endpointIn(env, "EKS") : { source: "--eks-endpoint", endpoint: parseEndpoint(flag) };
  if (!given) return new URL(`https://${eksHost(region, endpointVariant(env))}`);
  if (given.endpoint instanceof URL) return given.endpoint;
  throw usageError(
    "EKS_ENDPOINT_INVALID",
    `the endpoint in ${given.source} ${given.endpoint}`,
    "Give one such as https://eks.us-west-2.amazonaws.com, or http://127.0.0.1:PORT for a test.",
  );
}

export interface GivenCluster {
  name: string;
  endpoint: URL;
  /** Path of the CA's certificate. */
  certificateAuthority: string;
}

export function givenCluster(flags: Flags, clusters: readonly string[] | "all"): GivenCluster | undefined {
  const endpoint = flags.text("cluster-endpoint");
  const certificateAuthority = flags.text("certificate-authority");
  if (!endpoint && !certificateAuthority) return undefined;
  if (!endpoint || !certificateAuthority)
    throw usageError(
      "CLUSTER_ENDPOINT_INCOMPLETE",
      endpoint
        ? "--cluster-endpoint is given without --certificate-authority"
        : "--certificate-authority is given without --cluster-endpoint",
      "Use both --cluster-endpoint and --certificate-authority, or neither.",
    );
  const [name, ...others] = clusters === "all" ? [] : clusters;
  if (name === undefined || others.length > 0)
    throw usageError(
      "CLUSTER_ENDPOINT_SHARED",
      "--cluster-endpoint cannot describe several clusters",
      "Use it with one --name, and run the command once for each cluster.",
    );
  const url = clusterEndpoint(endpoint);
  if (url !== undefined) return { name, endpoint: new URL(url), certificateAuthority };
  throw usageError(
    "CLUSTER_ENDPOINT_INVALID",
    "--cluster-endpoint is not of the form https://HOST or https://HOST:PORT",
    "Give the API server's, such as https://EXAMPLE.gr7.us-west-2.eks.amazonaws.com.",
  );
}

export function certificateAuthorityData({ name, bytes }: FileContent): string {
  // Only the certificates: other content of the file, such as a private key, must not be written into a kubeconfig.
  const data = certificateAuthority(Buffer.from(bytes).toString("utf8"));
  if (data !== undefined) return data;
  throw usageError(
    "CERTIFICATE_AUTHORITY_INVALID",
    `${name} (--certificate-authority) contains no readable certificate`,
    "Use the cluster's CA in PEM: certificateAuthority.data of eks:DescribeCluster, base64-decoded.",
  );
}

export function entryForm(flags: Flags, machine: HomeRules, clusters: readonly string[] | "all"): EntryForm {
  const inlineArgs = flags.isOn("inline-args") ?? false;
  const areSeveral = clusters === "all" || clusters.length > 1;
  return {
    execApiVersion: flags.text("exec-api-version") === "v1beta1" ? "v1beta1" : "v1",
    command: execCommand(flags.text("command") ?? "eks-x509", machine),
    inlineArgs,
    proxyUrl: proxyUrl(flags.text("proxy-url")),
    alias: alias("alias", flags, areSeveral),
    userAlias: alias("user-alias", flags, areSeveral && inlineArgs),
    isCurrent: flags.isOn("set-current") ?? clusters !== "all",
  };
}

/** @param isShared whether several entries would have this name */
function alias(option: "alias" | "user-alias", flags: Flags, isShared: boolean): string | undefined {
  const name = flags.text(option);
  if (name === undefined) return undefined;
  if (isShared)
    throw usageError(
      "ALIAS_SHARED",
      `--${option} cannot name several clusters`,
      "One entry would overwrite the other. Run the command once for each cluster, or omit the alias.",
    );
  if (name !== "" && name.length <= 250 && !/\p{Cc}/u.test(name) && !isLikeSecret(name)) return name;
  throw usageError(
    "ALIAS_INVALID",
    `--${option} ${shown(name)} is not a valid name for an entry`,
    "Use up to 250 characters, without line breaks, and no key or token.",
  );
}

/** client-go accepts these three schemes. Every reader of the file could read a password. */
function proxyUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  // Checks the text itself: URL ignores line breaks and accepts `\` for `/`, and client-go does not.
  const [, user = "", host = ""] =
    /^(?:https?|socks5):\/\/(?:([^\s/?#\\@]+)@)?([\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?\/?$/i.exec(text) ?? [];
  if (!isHost(host) || !URL.canParse(text))
    throw usageError(
      "PROXY_URL_INVALID",
      "--proxy-url is not of the form http://HOST:PORT, with http, https or socks5",
      "Give one such as http://proxy.example.com:3128.",
    );
  if (!user.includes(":")) return text;
  throw usageError(
    "PROXY_URL_PASSWORD",
    "--proxy-url contains a password, and eks-x509 writes no secret into a file",
    "Remove the password, or omit the option and set HTTPS_PROXY in kubectl's environment.",
  );
}

/** From flags and settings to what update-kubeconfig works on, which cannot be wrong. */
import { basename, isAbsolute, relative, resolve } from "node:path";
import { certificateAuthority } from "../../../aws/eks/certificate-authority.ts";
import { clusterEndpoint, isHost } from "../../../aws/eks/cluster-endpoint.ts";
import { eksHost } from "../../../aws/hosts.ts";
import type { Region } from "../../../aws/partition.ts";
import type { Environment } from "../../../foundation/environment.ts";
import { EksX509Error, type CodeOf } from "../../../foundation/errors.ts";
import type { FileContent } from "../../../foundation/files.ts";
import type { Machine } from "../../../foundation/ports.ts";
import { endpointIn, parseEndpoint } from "../../../http/endpoint.ts";
import { realPath } from "../../../kubeconfig/disk/disk.ts";
import type { EntryForm, WrittenUser } from "../../../kubeconfig/edit/cluster-entries.ts";
import type { SessionInput } from "../../../sign-in/input.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import type { Flags } from "../../command-flags.ts";
import { expandHome, type HomeRules } from "../../settings/config-file.ts";
import { clusterName, clusterRegion, endpointVariant, sessionInput } from "../../settings/input.ts";
import { optionEntries, type OptionName } from "../../settings/options.ts";
import type { Setting, Settings } from "../../settings/settings.ts";
import { shown } from "../../../foundation/shown.ts";

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
  warnings: readonly string[];
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
  const region = clusterRegion(settings, session.parameters.trustAnchor);
  const user = writtenUser(settings, session, where.machine, isHomeRelative);
  return {
    session,
    region,
    clusters,
    given: givenCluster(flags, clusters),
    eksEndpoint: eksEndpoint(flags, env) ?? new URL(`https://${eksHost(region, endpointVariant(env))}`),
    user,
    form: entryForm(flags, where.machine, clusters),
    setCurrent: flags.isOn("set-current") ?? clusters !== "all",
    isHomeRelative,
    warnings: isHomeRelative ? elsewhereWarnings(user) : [],
  };
}

function elsewhereWarnings({ options }: WrittenUser): string[] {
  return options
    .filter(([name, value]) => isPath(name) && !value.startsWith("~/"))
    .map(
      ([name, value]) => `--${name} ${value} is not below the home folder: --home-relative writes it in full`,
    );
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

export interface GivenCluster {
  name: string;
  endpoint: URL;
  /** Path of the CA's certificate. */
  certificateAuthority: string;
}

/** @throws EksX509Error CLUSTER_ENDPOINT_INCOMPLETE, CLUSTER_ENDPOINT_SHARED, CLUSTER_ENDPOINT_INVALID */
export function givenCluster(flags: Flags, clusters: readonly string[] | "all"): GivenCluster | undefined {
  const endpoint = flags.text("cluster-endpoint");
  const certificateAuthority = flags.text("certificate-authority");
  if (!endpoint && !certificateAuthority) return undefined;
  if (!endpoint || !certificateAuthority)
    throw invalid(
      "CLUSTER_ENDPOINT_INCOMPLETE",
      `${endpoint ? "--cluster-endpoint" : "--certificate-authority"} is given without the other`,
      "Give --cluster-endpoint and --certificate-authority, or neither.",
    );
  const [name, ...others] = clusters === "all" ? [] : clusters;
  if (name === undefined || others.length > 0)
    throw invalid(
      "CLUSTER_ENDPOINT_SHARED",
      "--cluster-endpoint is given for more than one cluster",
      "Give one --name with it, and run the command once for each cluster.",
    );
  return { name, endpoint: endpointOf(endpoint), certificateAuthority };
}

function endpointOf(text: string): URL {
  const url = clusterEndpoint(text);
  if (url !== undefined) return new URL(url);
  throw invalid(
    "CLUSTER_ENDPOINT_INVALID",
    "--cluster-endpoint is not of the form https://HOST or https://HOST:PORT",
    "Give the API server's, such as https://EXAMPLE.gr7.us-west-2.eks.amazonaws.com.",
  );
}

/** @throws EksX509Error CERTIFICATE_AUTHORITY_INVALID */
export function certificateAuthorityData({ name, bytes }: FileContent): string {
  // The certificates alone: whatever else the file holds, a private key for one, does not belong into a kubeconfig.
  const data = certificateAuthority(Buffer.from(bytes).toString("utf8"));
  if (data !== undefined) return data;
  throw invalid(
    "CERTIFICATE_AUTHORITY_INVALID",
    `${name} (--certificate-authority) holds no certificate that can be read`,
    "Give the cluster's CA in PEM: what eks:DescribeCluster tells as certificateAuthority.data, base64-decoded.",
  );
}

/** @throws EksX509Error ALIAS_SHARED, ALIAS_INVALID, EXEC_COMMAND_INVALID, PROXY_URL_INVALID, PROXY_URL_PASSWORD */
export function entryForm(
  flags: Flags,
  machine: HomeRules,
  clusters: readonly string[] | "all",
): Omit<EntryForm, "isCurrent"> {
  const inlineArgs = flags.isOn("inline-args") ?? false;
  const areSeveral = clusters === "all" || clusters.length > 1;
  return {
    execApiVersion: flags.text("exec-api-version") === "v1beta1" ? "v1beta1" : "v1",
    command: execCommand(flags.text("command") ?? "eks-x509", machine),
    inlineArgs,
    proxyUrl: proxyUrl(flags.text("proxy-url")),
    alias: alias("alias", flags, areSeveral),
    userAlias: alias("user-alias", flags, areSeveral && inlineArgs),
  };
}

/** @param isShared several entries would have the one name */
function alias(option: "alias" | "user-alias", flags: Flags, isShared: boolean): string | undefined {
  const name = flags.text(option);
  if (name === undefined) return undefined;
  if (isShared)
    throw invalid(
      "ALIAS_SHARED",
      `--${option} is given for more than one cluster`,
      "One entry would overwrite the other. Run the command once for each cluster, or leave the alias out.",
    );
  if (name !== "" && name.length <= 250 && !/\p{Cc}/u.test(name)) return name;
  throw invalid(
    "ALIAS_INVALID",
    `--${option} ${shown(name)} is no name for an entry`,
    "Give up to 250 characters, without line breaks.",
  );
}

/**
 * To let kubectl run one of these is to let it run anything: a credentialPluginPolicy could not tell. With or without a version,
 * as in node20 or python3.11, and an ending, as in npx.cmd.
 */
const interpreters =
  /^(node|nodejs|npx|npm|pnpm|pnpx|yarn|bun|bunx|deno|corepack|tsx|ts-node|python|pypy|ruby|perl|php|lua|tclsh|osascript|env|sudo|doas|busybox|toybox|sh|ash|bash|dash|zsh|ksh|mksh|csh|tcsh|fish|cmd|powershell|pwsh|wscript|cscript)(-?\d[\d.]*)?(\.\w+)?$/i;

/**
 * @param command `--command`
 * @throws EksX509Error EXEC_COMMAND_INVALID
 */
export function execCommand(command: string, machine: HomeRules): string {
  const path = expandHome(command, machine);
  if ((isName(path) || (isFile(path) && !/[/\\]$/.test(command))) && !interpreters.test(basename(path)))
    return path;
  throw invalid(
    "EXEC_COMMAND_INVALID",
    `--command ${shown(command)} is not what a client may run`,
    'Give a name on PATH, or an absolute path, of eks-x509 itself and not of what interprets it: --command "$(command -v eks-x509)"',
  );
}

/** What begins with a hyphen, some client or shell takes for an option. */
function isName(text: string): boolean {
  return /^[\w.][\w.-]*$/.test(text) && !/^\.+$/.test(text);
}

/** An absolute path that does not name a folder for certain. */
function isFile(path: string): boolean {
  return isAbsolute(path) && !/\p{Cc}/u.test(path) && !/(^|[/\\])\.{0,2}$/.test(path);
}

/** client-go takes these three schemes. A password would stand in the file for all to read. */
function proxyUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  // The text itself, since URL passes over line breaks and takes `\` for `/`, and client-go does not.
  const [, user = "", host = ""] =
    /^(?:https?|socks5):\/\/(?:([^\s/?#\\@]+)@)?([\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?\/?$/i.exec(text) ?? [];
  if (!isHost(host) || !URL.canParse(text))
    throw invalid(
      "PROXY_URL_INVALID",
      "--proxy-url is not of the form http://HOST:PORT, with http, https or socks5",
      "Give one such as http://proxy.example.com:3128.",
    );
  if (!user.includes(":")) return text;
  throw invalid(
    "PROXY_URL_PASSWORD",
    "--proxy-url holds a password, and secrets are never written",
    "Give the URL without it, or leave it out and set HTTPS_PROXY where kubectl runs.",
  );
}

/** The identity and the role. They are written wherever they came from, or the entry would be another one with another environment. */
const identity: readonly OptionName[] = [
  "certificate",
  "private-key",
  "intermediates",
  "trust-anchor-arn",
  "profile-arn",
  "role-arn",
];

/** What belongs to the cluster, or to this run alone. */
const elsewhere: readonly OptionName[] = ["cluster-name", "region", "verbose"];

/** @param isHomeRelative writes paths below the home folder as `~/…`, which get-token expands */
export function writtenUser(
  settings: Settings,
  { parameters: { role } }: SessionInput,
  machine: Machine,
  isHomeRelative: boolean,
): WrittenUser {
  const path = (value: string): string => {
    const absolute = resolve(machine.cwd(), expandHome(value, machine));
    return isHomeRelative ? belowHome(absolute, machine) : absolute;
  };
  const options = optionEntries.flatMap(([name]): [string, string][] => {
    const setting = settings.get(name);
    if (!setting || !isWritten(name, setting)) return [];
    return [[name, isPath(name) ? path(setting.value) : setting.value]];
  });
  return { roleArn: role.text, roleName: role.name, options };
}

function isPath(name: string): boolean {
  return optionEntries.some(([option, facts]) => option === name && "isPath" in facts);
}

/**
 * Beside the identity, what was said on purpose: as a flag, or, where it belongs to the identity, in a variable of ours. AWS's own
 * variables and the config file get-token reads itself.
 */
function isWritten(name: OptionName, { source }: Setting): boolean {
  if (elsewhere.includes(name)) return false;
  if (identity.includes(name) || source.startsWith("--")) return true;
  return name !== "cache" && source.startsWith("EKS_X509_");
}

/** A linked home has two names, and the current folder is told by the other one. */
function belowHome(path: string, { home }: Machine): string {
  if (home === undefined) return path;
  const real = realPath(home);
  const below = [relative(home, path), relative(real, path), relative(real, realPath(path))].find(
    (one) => one !== "" && !isAbsolute(one) && !/^\.\.([/\\]|$)/.test(one),
  );
  return below === undefined ? path : `~/${below}`;
}

function invalid(code: CodeOf<"usage", "configuration">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "usage", hop: "configuration", code, message, hint });
}

/**
 * Whether a cluster's name belongs to the server that kubectl is about to contact. Somebody else can write a cluster's entry, with
 * the name of your cluster and an own server. A token of that name works on your cluster, so that server must not get one.
 * Limits: SECURITY.md, "A cluster entry from somebody else".
 */
import { clusterEndpoint, isEksEndpoint } from "../aws/eks/cluster-endpoint.ts";
import type { Region } from "../aws/partition.ts";

/** `spec.cluster` of KUBERNETES_EXEC_INFO. */
export interface ClusterInfo {
  server: string | undefined;
  /** Base64 of the CA bundle; empty if the system's CAs count. */
  certificateAuthority: string;
  isVerified: boolean;
  hasProxy: boolean;
  /** Whether the certificate is checked against another name than the server's: `tls-server-name`. */
  hasOtherName: boolean;
  /** The extension `client.authentication.k8s.io/exec`. */
  config: unknown;
}

/** A server that update-kubeconfig has recorded, or that the user's own settings allow. */
export interface KnownServer {
  clusterName: string;
  server: string;
  /** SHA-256 of the CA bundle in base64. Undefined if the user's settings allow the server whatever its CA. */
  authorityHash: string | undefined;
}

export interface NamedCluster {
  name: string;
  region: Region;
  info: ClusterInfo;
  sha256: (text: string) => string;
}

/** @returns why the server does not get the token; undefined if it does */
export function serverProblem(
  { name, region, info, sha256 }: NamedCluster,
  known: readonly KnownServer[],
): string | undefined {
  const { server, certificateAuthority, isVerified, hasProxy, hasOtherName } = info;
  if (server === undefined) return "the client does not report the server";
  if (!isVerified) return "the cluster's entry has insecure-skip-tls-verify";
  // Such a proxy can lead to any server whose certificate the same CA signed.
  if (hasProxy && hasOtherName) return "the cluster's entry has a proxy-url and a tls-server-name";
  const ofName = known.filter(({ clusterName }) => clusterName === name);
  const ofServer = ofName.filter((one) => isSame(one.server, server));
  const hash = sha256(certificateAuthority);
  if (ofServer.some(({ authorityHash }) => authorityHash === hash)) return undefined;
  // The CA is not known from here on. A proxy of somebody else could then answer for the server.
  if (hasProxy) return "the cluster's entry has a proxy-url, and its CA is not recorded";
  if (ofServer.some(({ authorityHash }) => authorityHash === undefined)) return undefined;
  if (ofServer.length > 0) return "the CA differs from the one that update-kubeconfig recorded";
  if (ofName.length > 0) return "another server is recorded for that name";
  return isEksEndpoint(server, region)
    ? undefined
    : `it is not an EKS endpoint of ${region.name}, and nothing records it for that name`;
}

function isSame(one: string, other: string): boolean {
  return spelled(one) !== undefined && spelled(one) === spelled(other);
}

/** Undefined for a spelling that Go reads as another server than Node does, such as https:/HOST or 0x7f.1. */
function spelled(server: string): string | undefined {
  const [, origin = "", path = ""] = /^(https:\/\/[^/]+)(.*?)\/?$/s.exec(server) ?? [];
  return clusterEndpoint(origin) && new URL(origin).origin + path;
}

/** `NAME=URL#HASH`. In the record, and in a users entry that is used with another home folder, where nothing is recorded. */
export function formatServer({ clusterName, server, authorityHash }: KnownServer): string {
  return `${clusterName}=${server}${authorityHash === undefined ? "" : `#${authorityHash}`}`;
}

/**
 * @param text `NAME=URL` or `NAME=URL#HASH`, several with spaces, commas or line breaks between them
 * @returns undefined if it is something else
 */
export function parseServers(text: string): KnownServer[] | undefined {
  const parts = text.split(/[\s,]+/).filter(Boolean);
  const servers = parts.flatMap((part) => {
    const [, clusterName = "", server = "", authorityHash] =
      /^([^=]+)=(https:\/\/[^@\\#]+)(?:#([\da-f]{64}))?$/.exec(part) ?? [];
    return URL.canParse(server) ? [{ clusterName, server, authorityHash }] : [];
  });
  return servers.length > 0 && servers.length === parts.length ? servers : undefined;
}

/** Passes over lines without a hash, since another version can have written them. One wrote `NAME URL HASH`. */
export function parseRecord(text: string): KnownServer[] {
  const lines = text.replace(/^(\S+) (\S+) ([\da-f]{64})$/gm, "$1=$2#$3").split("\n");
  const servers = lines.flatMap((line) => parseServers(line) ?? []);
  return servers.filter(({ authorityHash }) => authorityHash !== undefined);
}

/** One name can stand for clusters of several regions and accounts, and a cluster that is made again has a new server. */
const mostServers = 1_000;

export function formatRecord(servers: readonly KnownServer[]): string {
  const lines = new Set(servers.map((one) => `${formatServer(one)}\n`));
  return [...lines].slice(-mostServers).join("");
}

/** The URL of a cluster's API server, for a kubeconfig. Go's net/url, Node's WHATWG URL and others read it alike. */
import type { Region } from "../partition.ts";

/** RFC 1123 §2.1, and the underscore, which DNS itself allows. */
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const longestName = 253;

/**
 * @param text untrusted
 * @returns `https://HOST` or `https://HOST:PORT`; undefined for anything else
 */
export function clusterEndpoint(text: string): string | undefined {
  const [, host = "", port] = /^https:\/\/([\w.-]+|\[[\da-fA-F:.]+\])(?::(\d{1,5}))?\/?$/.exec(text) ?? [];
  if (!isHost(host) || port === "0" || !URL.canParse(text)) return undefined;
  return text.replace(/\/$/, "");
}

/** A name, an IPv4 address of four numbers, or an IPv6 address in brackets, each in one spelling only. */
export function isHost(host: string): boolean {
  if (!URL.canParse(`https://${host}`)) return false;
  if (host.startsWith("[")) return true;
  // A host that ends in a number is an address. Some parsers read `1` or `0x7f.1` as an address, and others as a name.
  const isSame = new URL(`https://${host}`).hostname === host.toLowerCase();
  return isSame && host.length <= longestName && host.split(".").every((part) => label.test(part));
}

/**
 * The forms of an EKS cluster's endpoint: `https://ID.XYZ.REGION.eks.amazonaws.com`, `….eks.amazonaws.com.cn`, and in the
 * dual-stack domain of the partition, such as `….REGION.api.aws`. Nobody but EKS can have such a name.
 * EKS user guide, "Cluster API server endpoint".
 */
export function isEksEndpoint(server: string, { name, partition }: Region): boolean {
  const { hostname, port } = new URL(clusterEndpoint(server) ?? "https://none");
  const domains = [`${name}.eks.${partition.dnsSuffix}`, `${name}.${partition.dualStackDnsSuffix}`];
  const domain = domains.find((one) => hostname.endsWith(`.${one}`));
  return (
    port === "" &&
    domain !== undefined &&
    /^([a-z0-9]+\.[a-z0-9]{2,3}|eks-cluster)$/.test(hostname.slice(0, -domain.length - 1))
  );
}

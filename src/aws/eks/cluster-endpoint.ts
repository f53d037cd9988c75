/** The URL of a cluster's API server, for a kubeconfig. Go's net/url, Node's WHATWG URL and others read it alike. */

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

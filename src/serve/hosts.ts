/**
 * The Host header of a request. A web page can make a browser send requests to a name of its own that resolves to loopback (DNS
 * rebinding), so only addresses count, and the names and addresses at which AWS's own endpoints are found.
 */
import { isLoopback } from "../http/endpoint.ts";

/** IMDS, and the container credentials of ECS and EKS, in the forms in which URL writes them. */
const ofAws = new Set([
  "169.254.169.254",
  "[fd00:ec2::254]",
  "169.254.170.2",
  "169.254.170.23",
  "[fd00:ec2::23]",
]);

/** The last host that was accepted: a client sends the same one with each request. */
let accepted: { host: string; localAddress: string } | undefined;

/** @param localAddress the address of this end of the connection */
export function isOwnHost(host: string, localAddress: string): boolean {
  if (accepted?.host === host && accepted.localAddress === localAddress) return true;
  const isOwn = isOwnName(host, localAddress);
  if (isOwn) accepted = { host, localAddress };
  return isOwn;
}

function isOwnName(host: string, localAddress: string): boolean {
  const name = hostName(host);
  if (name === undefined) return false;
  return isLoopback({ hostname: name }) || ofAws.has(name) || name === hostName(bracketed(localAddress));
}

/** The host without its port, as URL writes it, which has one spelling for each address. Undefined for anything else. */
export function hostName(host: string): string | undefined {
  if (!/^[\w.-]+(:\d{1,5})?$|^\[[\da-f:.]+\](:\d{1,5})?$/i.test(host)) return undefined;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
}

/** An address as in a URL. IPv4 over an IPv6 socket is `::ffff:10.0.0.1`. */
export function bracketed(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  return plain.includes(":") ? `[${plain}]` : plain;
}

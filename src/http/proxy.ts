/**
 * HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, as curl, kubectl and the AWS CLI read them: in upper or lower case. A
 * name in NO_PROXY covers its subdomains, `*` matches everything, addresses can be CIDR blocks, and an entry can have a
 * port. Node's own support begins with Node 24.
 */
import type { Environment } from "../foundation/ports.ts";
import { hostOf, isMisleading, misleading, portOf } from "./endpoint.ts";
import { BlockList, isIP } from "node:net";

/** The proxy for a URL; undefined for a direct connection; a text if the variable contains no URL. */
export function proxyFor(url: URL, env: Environment): URL | string | undefined {
  const proxy = variable(env, url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY", "ALL_PROXY");
  if (!proxy || bypasses(url, variable(env, "NO_PROXY")?.value ?? "")) return undefined;
  const parsed = parseProxy(proxy.value);
  return typeof parsed === "string" ? `${proxy.name} ${parsed}` : parsed;
}

/** The URL, or why it is none. The text completes "HTTPS_PROXY …". */
export function parseProxy(value: string): URL | string {
  if (isMisleading(value)) return misleading;
  const text = value.includes("://") ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") return "is not an http or https URL";
  if (isDecodable(url.username) && isDecodable(url.password)) return url;
  return "has a % in its user name or password, which must be written as %25";
}

function isDecodable(part: string): boolean {
  try {
    // The result is used, so that no minifier removes the call.
    return decodeURIComponent(part).length <= part.length;
  } catch {
    return false;
  }
}

/** The first one that is set. Lower case comes first, as in curl; an empty variable counts as unset. */
function variable(env: Environment, ...names: string[]): { name: string; value: string } | undefined {
  return names
    .flatMap((name) => [name.toLowerCase(), name])
    .map((name) => ({ name, value: env[name]?.trim() ?? "" }))
    .find(({ value }) => value !== "");
}

function bypasses(url: URL, noProxy: string): boolean {
  const host = hostOf(url);
  const port = portOf(url);
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => entry === "*" || covers(entry, host, port));
}

function covers(entry: string, host: string, port: number): boolean {
  const [, name = "", wantedPort] =
    /^(.*?|\[.*\])(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  if (wantedPort !== undefined && Number(wantedPort) !== port) return false;
  const bare = name.replace(/^\[|\]$/g, "");
  if (isIP(host)) return inBlock(bare, host);
  const domain = bare.replace(/^\*?\./, "");
  return host.endsWith(`.${domain}`) || (host === domain && domain === bare);
}

/** @param block `10.0.0.0/8`, or one address; IPv6 in any spelling */
function inBlock(block: string, address: string): boolean {
  const [network = "", prefix] = block.split("/");
  const family = isIP(network);
  if (family === 0 || isIP(address) !== family) return false;
  const length = family === 4 ? 32 : 128;
  const bits = prefix === undefined ? length : Number(/^\d{1,3}$/.exec(prefix)?.[0]);
  if (!(bits <= length)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family === 4 ? "ipv4" : "ipv6");
  return list.check(address, family === 4 ? "ipv4" : "ipv6");
}

/**
 * HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, as curl, kubectl and the AWS CLI read them: upper or lower case; a name in NO_PROXY
 * covers its subdomains; `*` is everything; addresses may be given as CIDR blocks; an entry may name a port.
 * Node's own reading of these variables begins with Node 24.
 */
import { BlockList, isIP } from "node:net";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy for a URL; undefined to go there directly; a text when the variable holds no URL. */
export function proxyFor(url: URL, env: Environment): URL | string | undefined {
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const value = either(env, name) ?? either(env, "ALL_PROXY");
  if (value === undefined || bypasses(url, either(env, "NO_PROXY") ?? "")) return undefined;
  const text = value.includes("://") ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy?.protocol === "http:" || proxy?.protocol === "https:") return proxy;
  return `${name} is not an http or https URL`;
}

/** Lower case first, as curl does. An empty variable is an unset one. */
function either(env: Environment, name: string): string | undefined {
  return [env[name.toLowerCase()], env[name]].map((value) => value?.trim()).find(Boolean);
}

function bypasses(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => entry === "*" || covers(entry, host, port));
}

function covers(entry: string, host: string, port: string): boolean {
  const [, name = "", wantedPort] =
    /^(.*?|\[.*\])(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const bare = name.replace(/^\[|\]$/g, "");
  if (isIP(host)) return bare === host || inBlock(bare, host);
  const domain = bare.replace(/^\*?\./, "");
  return host.endsWith(`.${domain}`) || (host === domain && domain === bare);
}

function inBlock(block: string, address: string): boolean {
  const [network = "", prefix = ""] = block.split("/");
  const family = isIP(network);
  const bits = Number(prefix);
  if (
    family === 0 ||
    isIP(address) !== family ||
    !/^\d{1,3}$/.test(prefix) ||
    bits > (family === 4 ? 32 : 128)
  )
    return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family === 4 ? "ipv4" : "ipv6");
  return list.check(address, family === 4 ? "ipv4" : "ipv6");
}

/** The way of a request: direct or through a proxy, with the TLS that the environment or the call wants. */
import { uptime } from "node:process";
import net, { BlockList, isIP, type Socket } from "node:net";
import tls, { checkServerIdentity, type ConnectionOptions } from "node:tls";
import type { Environment } from "../foundation/ports.ts";
import { usageError } from "../foundation/errors.ts";
import type { Secrets } from "../foundation/secrets.ts";
import { hostOf, isLoopback, portOf } from "./endpoint.ts";
import { parseProxy } from "./proxy.ts";

/** The TLS of one call, where it differs from the environment's: that of a kubeconfig's cluster and user. */
export interface ClientTls {
  /** PEM. It replaces the trusted CAs of the environment: certificate-authority(-data). */
  ca?: readonly string[];
  /** PEM; with `key`: client-certificate(-data). */
  cert?: string;
  key?: string;
  /** The name to check the server's certificate against, instead of the URL's: tls-server-name. */
  servername?: string;
  /** The server's certificate is not checked: insecure-skip-tls-verify. */
  insecure?: true;
}

/** In milliseconds. */
const connectTimeout = 5_000;

export interface Route {
  /** For the server; empty for plain http. */
  tls: ConnectionOptions;
  /** undefined for a direct connection */
  proxy: { url: URL; tls: ConnectionOptions } | undefined;
}

/** Where to, and what differs from the environment's way. */
export interface Target {
  endpoint: URL;
  tls?: ClientTls | undefined;
  /** An http or https URL that replaces the environment's proxy; `none` for a direct connection. */
  proxy?: URL | "none" | undefined;
}

export interface Surroundings {
  env: Environment;
  /** PEM; undefined for Node's own. Called only if a certificate is checked against it. */
  trustStore: () => Promise<readonly string[] | undefined>;
  /** What a request carries in confidence is added to it. */
  secrets?: Secrets;
}

export async function routeTo(
  { endpoint: url, tls = {}, proxy }: Target,
  { env, trustStore, secrets }: Surroundings,
): Promise<Route> {
  const proxyUrl = chosenProxy(url, env, proxy);
  const toServer = tlsOptions(url, tls, tls.ca ? () => Promise.resolve(tls.ca) : trustStore);
  if (!proxyUrl) return { tls: await toServer, proxy: undefined };
  secrets?.add(proxyUrl.href);
  // Trust in the proxy comes from the environment: the kubeconfig's CA is for its cluster only.
  return { tls: await toServer, proxy: { url: proxyUrl, tls: await tlsOptions(proxyUrl, {}, trustStore) } };
}

function chosenProxy(url: URL, env: Environment, own: URL | "none" | undefined): URL | undefined {
  if (own !== undefined) return own === "none" ? undefined : own;
  // What stays on this machine needs no proxy, which would read it.
  if (url.protocol === "http:" && isLoopback(url)) return undefined;
  const proxy = proxyFor(url, env);
  if (typeof proxy !== "string") return proxy;
  throw usageError("PROXY_INVALID", proxy, "Give it as http://HOST:PORT, or unset it.");
}

/**
 * HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, as curl, kubectl and the AWS CLI read them: in upper or lower case. A
 * name in NO_PROXY covers its subdomains, `*` matches everything, addresses can be CIDR blocks, and an entry can have a
 * port. Node's own support begins with Node 24.
 *
 * @returns the proxy for a URL; undefined for a direct connection; a text if the variable contains no URL
 */
export function proxyFor(url: URL, env: Environment): URL | string | undefined {
  const proxy = variable(env, url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY", "ALL_PROXY");
  if (!proxy || bypasses(url, variable(env, "NO_PROXY")?.value ?? "")) return undefined;
  const parsed = parseProxy(proxy.value);
  return typeof parsed === "string" ? `${proxy.name} ${parsed}` : parsed;
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

/**
 * @param url its host is the name to request and to check. node:tls would otherwise use the Host header
 * @param trusted certificates in PEM; undefined for Node's own
 */
async function tlsOptions(
  url: URL,
  { servername, insecure, cert, key }: ClientTls,
  trusted: Surroundings["trustStore"],
): Promise<ConnectionOptions> {
  if (url.protocol !== "https:") return {};
  const ca = await trusted();
  const name = servername ?? hostOf(url);
  return {
    // Explicit, because otherwise NODE_TLS_REJECT_UNAUTHORIZED=0, set for another purpose, would apply.
    rejectUnauthorized: insecure !== true,
    // RFC 6066 §3: an address is not a server name.
    servername: isIP(name) === 0 ? name : "",
    // Through a proxy, node:tls does not know the host and would check an address's certificate against another name.
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    ALPNProtocols: ["http/1.1"],
    ...(ca && { ca: [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/** A server closes a connection on which no request arrives, and a person may take long over a PIN. In milliseconds. */
const longestUnused = 1_000;

/** A connection that is opened while its request is created. */
export interface EarlyConnection {
  /**
   * The caller owns the connection from now on.
   * @returns undefined if it is too old
   * @throws the error of the connection
   */
  take: () => Socket | undefined;
  /** Closes the connection if it was not taken. */
  end: () => void;
}

export function connectEarly(url: URL, secure: ConnectionOptions): EarlyConnection {
  const start = uptime() * 1_000;
  const socket = connect(url, secure);
  let isTaken = false;
  let failure: Error | undefined;
  socket.on("error", (error) => (failure = error));
  return {
    take: () => {
      const isOld = uptime() * 1_000 - start > longestUnused;
      if (isOld || (socket.destroyed && !failure)) return undefined;
      if (failure) throw failure;
      isTaken = true;
      return socket;
    },
    end: () => {
      if (!isTaken) socket.destroy();
    },
  };
}

/**
 * The options of node:net have no headers of the request, because Node prints them with NODE_DEBUG=http,net.
 * @param tunnel a connection to the same server, through a proxy
 */
export function connect(url: URL, secure: ConnectionOptions, tunnel?: Socket): Socket {
  if (tunnel) return url.protocol === "https:" ? tls.connect({ socket: tunnel, ...secure }) : tunnel;
  const address = { host: hostOf(url), port: portOf(url), timeout: connectTimeout };
  const socket = url.protocol === "https:" ? tls.connect({ ...address, ...secure }) : net.connect(address);
  socket.once("timeout", () =>
    socket.destroy(Object.assign(new Error("the connection took too long"), { code: "ETIMEDOUT" })),
  );
  return socket.once("connect", () => socket.setTimeout(0));
}

/** The way of a request: direct or through a proxy, with the TLS that the environment or the call wants. */
import type { Agent as HttpAgent } from "node:http";
import { Agent } from "node:https";
import { isIP } from "node:net";
import { checkServerIdentity, type ConnectionOptions } from "node:tls";
import type { Environment } from "../foundation/ports.ts";
import { usageError } from "../foundation/errors.ts";
import type { Secrets } from "../foundation/secrets.ts";
import { isLoopback } from "./endpoint.ts";
import { proxyRefusal, type KnownFault } from "./faults.ts";
import { proxyFor } from "./proxy.ts";

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

export interface Route {
  agent: HttpAgent;
  /** The proxy's host and port, without its password; undefined for a direct connection. */
  proxy: string | undefined;
  /** The proxy's answer to CONNECT, once there is one other than 200. */
  refusal: () => KnownFault | undefined;
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

/** @throws EksX509Error PROXY_INVALID, and the errors of the trust store */
export async function routeTo(
  { endpoint: url, tls = {}, proxy }: Target,
  { env, trustStore, secrets }: Surroundings,
): Promise<Route> {
  const way = chosenProxy(url, env, proxy);
  const options = url.protocol === "https:" ? tlsOptions(url, tls, tls.ca ?? (await trustStore())) : {};
  if (!way) return { agent: await directAgent(url, options), proxy: undefined, refusal: () => undefined };
  secrets?.add(...credentialsIn(way));
  // Trust in the proxy comes from the environment: the kubeconfig's CA is for its cluster only.
  return tunnel(way, options, way.protocol === "https:" ? await trustStore() : undefined);
}

function chosenProxy(url: URL, env: Environment, own: URL | "none" | undefined): URL | undefined {
  if (own !== undefined) return own === "none" ? undefined : own;
  // What stays on this machine needs no proxy, which would read it.
  if (url.protocol === "http:" && isLoopback(url)) return undefined;
  const proxy = proxyFor(url, env);
  if (typeof proxy !== "string") return proxy;
  throw usageError("PROXY_INVALID", proxy, "Give it as http://HOST:PORT, or unset it.");
}

async function directAgent({ protocol }: URL, options: ConnectionOptions): Promise<HttpAgent> {
  if (protocol === "https:") return new Agent(options);
  const http = await import("node:http");
  return new http.Agent();
}

/** For plain http too: a proxy would otherwise read the request, and go by its Host header. */
async function tunnel(
  proxy: URL,
  target: ConnectionOptions,
  ca: readonly string[] | undefined,
): Promise<Route> {
  const { HttpsProxyAgent } = await import("https-proxy-agent");
  const agent = new HttpsProxyAgent(proxy, { rejectUnauthorized: true, ...(ca && { ca: [...ca] }) });
  // The constructor's options are for the TLS of the proxy. These are for the TLS of the target.
  Object.assign(agent.options, target);
  let refusal: KnownFault | undefined;
  agent.on("proxyConnect", ({ statusCode, headers }: ConnectAnswer) => {
    const schemes = [headers["proxy-authenticate"]].flat().join(", ");
    if (statusCode !== 200)
      refusal = proxyRefusal(statusCode, schemes, proxy.username + proxy.password !== "");
  });
  return { agent, proxy: proxy.host, refusal: () => refusal };
}

interface ConnectAnswer {
  statusCode: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A user name without a password may be a token. */
function credentialsIn({ username, password }: URL): string[] {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const secret = password === "" ? username : password;
  return secret === "" ? [] : [secret, decodeURIComponent(secret), Buffer.from(pair).toString("base64")];
}

/**
 * @param url its host is the name to request and to check. node:tls would otherwise use the Host header
 * @param ca trusted certificates in PEM; undefined for Node's own
 */
function tlsOptions(
  url: URL,
  { servername, insecure, cert, key }: ClientTls,
  ca: readonly string[] | undefined,
): ConnectionOptions {
  const name = servername ?? url.hostname.replace(/^\[|\]$/g, "");
  return {
    // Explicit, because otherwise NODE_TLS_REJECT_UNAUTHORIZED=0, set for another purpose, would apply.
    rejectUnauthorized: insecure !== true,
    // RFC 6066 §3: an address is not a server name.
    servername: isIP(name) === 0 ? name : "",
    // Through a proxy, node:tls does not know the host and would check an address's certificate against another name.
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    ...(ca && { ca: [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

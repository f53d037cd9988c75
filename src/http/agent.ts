/** The agent that carries a request: direct or through a proxy, with the default trust store or another. */
import type { Agent as HttpAgent } from "node:http";
import { Agent } from "node:https";
import { EksX509Error } from "../foundation/errors.ts";
import type { Environment } from "../foundation/environment.ts";
import { tlsOptions, type ClientTls, type TlsOptions } from "./client-tls.ts";
import { proxyFor } from "./proxy.ts";

export interface Route {
  agent: HttpAgent | Agent;
  /** The proxy's host and port, without its password; undefined for a direct connection. */
  proxy: string | undefined;
  /** The status of the proxy's answer to CONNECT, once there is one other than 200. */
  proxyRefusal: () => number | undefined;
}

export interface Surroundings {
  env: Environment;
  /** PEM; undefined for Node's own. Not asked where nothing is checked against it. */
  trustStore: () => Promise<readonly string[] | undefined>;
  tls?: ClientTls | undefined;
  /** In place of what the environment says; `none` for a direct connection. */
  proxy?: URL | "none" | undefined;
}

/** @throws EksX509Error PROXY_INVALID, and what the trust store throws */
export async function routeTo(url: URL, { env, trustStore, tls = {}, proxy }: Surroundings): Promise<Route> {
  const way = chosenProxy(url, env, proxy);
  const isTls = url.protocol === "https:";
  if (!isTls) return way ? forward(way) : { ...direct, agent: await plainAgent() };
  const options = tlsOptions(url, tls, tls.ca ?? (await trustStore()));
  if (!way) return { ...direct, agent: new Agent({ ...options }) };
  return tunnel(way, options, await trustStoreOf(way, trustStore));
}

const direct = { proxy: undefined, proxyRefusal: () => undefined };

function chosenProxy(url: URL, env: Environment, own: URL | "none" | undefined): URL | undefined {
  if (own !== undefined) return own === "none" ? undefined : own;
  const proxy = proxyFor(url, env);
  if (typeof proxy === "string") throw invalidProxy(proxy);
  return proxy;
}

async function plainAgent(): Promise<HttpAgent> {
  const http = await import("node:http");
  return new http.Agent();
}

/** The environment's: what a kubeconfig says of its cluster is not said of the proxy. */
async function trustStoreOf(
  proxy: URL,
  trustStore: Surroundings["trustStore"],
): Promise<readonly string[] | undefined> {
  return proxy.protocol === "https:" ? trustStore() : undefined;
}

async function tunnel(proxy: URL, target: TlsOptions, ca: readonly string[] | undefined): Promise<Route> {
  const { HttpsProxyAgent } = await import("https-proxy-agent");
  const agent = new HttpsProxyAgent(proxy, { rejectUnauthorized: true, ...(ca && { ca: [...ca] }) });
  // What the constructor takes is for the proxy's own TLS; this is for the target's.
  Object.assign(agent.options, target);
  let refusal: number | undefined;
  agent.on("proxyConnect", ({ statusCode }: { statusCode: number }) => {
    if (statusCode !== 200) refusal = statusCode;
  });
  return { agent, proxy: proxy.host, proxyRefusal: () => refusal };
}

async function forward(proxy: URL): Promise<Route> {
  const { HttpProxyAgent } = await import("http-proxy-agent");
  return { agent: new HttpProxyAgent(proxy), proxy: proxy.host, proxyRefusal: () => undefined };
}

function invalidProxy(why: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "PROXY_INVALID",
    message: why,
    hint: "Give it as http://HOST:PORT, or unset it.",
  });
}

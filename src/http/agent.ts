/** The agent that carries a request, direct or through a proxy, with the default trust store or another one. */
import type { Agent as HttpAgent } from "node:http";
import { Agent } from "node:https";
import { EksX509Error } from "../foundation/errors.ts";
import type { Environment } from "../foundation/ports.ts";
import { tlsOptions, type ClientTls, type TlsOptions } from "./client-tls.ts";
import { proxyFor } from "./proxy.ts";

export interface Route {
  agent: HttpAgent | Agent;
  /** The proxy's host and port, without its password; undefined for a direct connection. */
  proxy: string | undefined;
  /** The status of the proxy's answer to CONNECT, if it is not 200. */
  proxyRefusal: () => number | undefined;
}

export interface Surroundings {
  env: Environment;
  /** PEM; undefined for Node's own. Called only if a certificate is checked against it. */
  trustStore: () => Promise<readonly string[] | undefined>;
  tls?: ClientTls | undefined;
  /** Replaces the proxy of the environment; `none` for a direct connection. */
  proxy?: URL | "none" | undefined;
}

/** @throws EksX509Error PROXY_INVALID, and the errors of the trust store */
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

/** Trust in the proxy comes from the environment: the kubeconfig's CA is for its cluster only. */
async function trustStoreOf(
  proxy: URL,
  trustStore: Surroundings["trustStore"],
): Promise<readonly string[] | undefined> {
  return proxy.protocol === "https:" ? trustStore() : undefined;
}

async function tunnel(proxy: URL, target: TlsOptions, ca: readonly string[] | undefined): Promise<Route> {
  const { HttpsProxyAgent } = await import("https-proxy-agent");
  const agent = new HttpsProxyAgent(proxy, { rejectUnauthorized: true, ...(ca && { ca: [...ca] }) });
  // The constructor's options are for the TLS of the proxy. These are for the TLS of the target.
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

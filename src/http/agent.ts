/** The agent that carries a request: direct or through a proxy, with the default trust store or another. */
import type { Agent as HttpAgent } from "node:http";
import { Agent } from "node:https";
import type { PeerCertificate } from "node:tls";
import { EksX509Error } from "../errors.ts";
import { proxyFor } from "./proxy.ts";
import type { Environment } from "../environment.ts";

export interface Route {
  agent: HttpAgent | Agent;
  /** The proxy's host and port, without its password; undefined for a direct connection. */
  proxy: string | undefined;
  /** The status of the proxy's answer to CONNECT, once there is one other than 200. */
  proxyRefusal: () => number | undefined;
}

interface Tls {
  rejectUnauthorized: true;
  ca?: string[];
}

/**
 * @param ca trusted certificates in PEM, in place of Node's; undefined for Node's own
 * @throws EksX509Error PROXY_INVALID
 */
export async function routeTo(url: URL, env: Environment, ca: readonly string[] | undefined): Promise<Route> {
  const proxy = proxyFor(url, env);
  if (typeof proxy === "string") throw invalidProxy(proxy);
  // Said in so many words: otherwise NODE_TLS_REJECT_UNAUTHORIZED=0, set for something else, would count.
  const tls: Tls = { rejectUnauthorized: true, ...(ca && { ca: [...ca] }) };
  if (proxy) return url.protocol === "https:" ? tunnel(url, proxy, tls) : forward(proxy);
  return { agent: await directAgent(url, tls), proxy: undefined, proxyRefusal: () => undefined };
}

async function directAgent(url: URL, tls: Tls): Promise<HttpAgent | Agent> {
  if (url.protocol === "https:") return new Agent({ ...tls });
  const http = await import("node:http");
  return new http.Agent();
}

async function tunnel(url: URL, proxy: URL, tls: Tls): Promise<Route> {
  const [{ HttpsProxyAgent }, { checkServerIdentity }] = await Promise.all([
    import("https-proxy-agent"),
    import("node:tls"),
  ]);
  const agent = new HttpsProxyAgent(proxy, { ...tls });
  // What the constructor takes is for the proxy's own TLS; this is for the target's. The agent leaves the target's host
  // out of what it tells node:tls, which then checks the certificate of an address against the proxy's name.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  Object.assign(agent.options, tls, {
    checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate),
  });
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

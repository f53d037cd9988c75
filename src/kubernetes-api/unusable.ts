/** What a kubeconfig says of a cluster that cannot be followed: nothing is sent then. */
import { EksX509Error, type CodeOf } from "../foundation/errors.ts";
import { parseProxy } from "../http/proxy.ts";

export function tokenOverPlainHttp({ host }: URL): EksX509Error {
  return unusable(
    "API_PLAIN_HTTP",
    `the cluster's server in the kubeconfig is http://${host}, over which a token would be readable`,
    "Give it as https://. The token was not sent.",
  );
}

export function unusableProxy(proxy: URL | undefined): EksX509Error | undefined {
  if (proxy?.protocol === "socks5:") return socksProxy();
  const parsed = proxy && parseProxy(proxy.href);
  if (typeof parsed !== "string") return undefined;
  return unusable(
    "API_PROXY_INVALID",
    `the cluster's proxy-url in the kubeconfig ${parsed}`,
    "Give the proxy as http://HOST:PORT.",
  );
}

/** What this command cannot, and kubectl can. */
function socksProxy(): EksX509Error {
  return new EksX509Error({
    category: "other",
    hop: "api-server",
    code: "API_PROXY_SOCKS",
    message:
      "the cluster's proxy-url in the kubeconfig is a socks5 proxy, which this command cannot go through, and kubectl can",
    hint: "Everything before the API server was looked at. To ask it too, give the proxy as http://HOST:PORT, or set up a tunnel and name its end as server, with the endpoint's name as tls-server-name.",
  });
}

export function unusable(code: CodeOf<"usage", "api-server">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "usage", hop: "api-server", code, message, hint });
}

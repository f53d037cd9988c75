/** What a kubeconfig says of a cluster's API server and of its caller, or why a request cannot be made of it. */
import { EksX509Error, type CodeOf } from "../foundation/errors.ts";
import type { ClientTls } from "../http/route.ts";
import type { Http } from "../http/client.ts";
import { isLoopback } from "../http/endpoint.ts";
import { parseProxy } from "../http/proxy.ts";
import type { Impersonation } from "../kubeconfig/read/entries.ts";

export interface ApiServer {
  /** The kubeconfig's `server`. It may have a path. */
  url: URL;
  /** From server-tls.ts, with the user's client certificate if there is one. */
  tls: ClientTls;
  /** The kubeconfig names no CA, so that the system's CAs are trusted. */
  hasNoAuthority?: boolean;
  /** The kubeconfig's proxy-url. It takes precedence over the environment. */
  proxy?: URL | undefined;
}

export interface ApiAccess {
  server: ApiServer;
  /** A bearer token: a secret. Without it, and without a client certificate, the request is anonymous. */
  token?: string | undefined;
  /** The user that the caller wants to act as. */
  impersonate?: Impersonation | undefined;
  http: Http;
}

/**
 * Nothing is sent when the kubeconfig cannot be followed.
 * @throws EksX509Error API_PLAIN_HTTP, API_PROXY_SOCKS, API_PROXY_INVALID, API_IMPERSONATION_INVALID
 */
export function checkAccess({ server: { url, proxy }, token, impersonate }: ApiAccess): void {
  if (token !== undefined && url.protocol === "http:" && !isLoopback(url)) throw tokenOverPlainHttp(url);
  const problem = unusableProxy(proxy) ?? (impersonate && unsendable(impersonate));
  if (problem) throw problem;
}

function tokenOverPlainHttp({ host }: URL): EksX509Error {
  return unusable(
    "API_PLAIN_HTTP",
    `the cluster's server in the kubeconfig is http://${host}, which would send the token in plain text`,
    "Use https://. The token was not sent.",
  );
}

function unusableProxy(proxy: URL | undefined): EksX509Error | undefined {
  if (proxy?.protocol === "socks5:") return socksProxy();
  const parsed = proxy && parseProxy(proxy.href);
  if (typeof parsed !== "string") return undefined;
  return unusable(
    "API_PROXY_INVALID",
    `the cluster's proxy-url in the kubeconfig ${parsed}`,
    "Give the proxy as http://HOST:PORT.",
  );
}

function socksProxy(): EksX509Error {
  return new EksX509Error({
    category: "other",
    hop: "api-server",
    code: "API_PROXY_SOCKS",
    message:
      "the cluster's proxy-url in the kubeconfig is a socks5 proxy, which kubectl supports and this command does not",
    hint: "The hops before the API server were checked. To check the API server too, use an http proxy (http://HOST:PORT), or a tunnel: its end as server, and the endpoint's host as tls-server-name.",
  });
}

export function unusable(code: CodeOf<"usage", "api-server">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "usage", hop: "api-server", code, message, hint });
}

/**
 * The headers for as, as-uid, as-groups and as-user-extra, one for each value, as client-go sends them (transport,
 * ImpersonatingRoundTripper). Kubernetes documentation, "User impersonation".
 */
export function impersonationHeaders({ user, uid, groups, extra }: Impersonation): Record<string, string[]> {
  const headers: [string, readonly string[]][] = [
    ["impersonate-user", [user]],
    ["impersonate-uid", uid === "" ? [] : [uid]],
    ["impersonate-group", groups],
    ...extra.map(([key, values]): [string, readonly string[]] => [
      `impersonate-extra-${headerName(key)}`,
      values,
    ]),
  ];
  return Object.fromEntries(
    headers.filter(([, values]) => values.length > 0).map(([name, values]) => [name, values.map(octets)]),
  );
}

/** `bob, groups "a", "b"`. */
export function impersonated({ user, uid, groups, extra }: Impersonation): string {
  const shown = groups.slice(0, 10).map((group) => group.slice(0, 200));
  return [
    user.slice(0, 200),
    ...(groups.length > 0 ? [`groups ${shown.join(", ")}`] : []),
    ...(uid === "" ? [] : [`uid ${uid.slice(0, 200)}`]),
    ...(extra.length > 0 ? [`extra ${extra.map(([key]) => key.slice(0, 200)).join(", ")}`] : []),
  ].join("; ");
}

/** A header cannot contain control characters, and Go refuses to send them. */
function unsendable({ user, uid, groups, extra }: Impersonation): EksX509Error | undefined {
  const values = [user, uid, ...groups, ...extra.flatMap(([, texts]) => texts)];
  // eslint-disable-next-line no-control-regex -- RFC 9110 §5.5
  if (!values.some((value) => /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))) return undefined;
  return unusable(
    "API_IMPERSONATION_INVALID",
    "the user's as, as-uid, as-groups or as-user-extra in the kubeconfig has a control character, such as a line break",
    "Correct or remove it: the values are sent as headers.",
  );
}

/** client-go escapes the percent sign and every character that is not allowed in a header's name. RFC 9110 §5.6.2. */
function headerName(key: string): string {
  return [...Buffer.from(key, "utf8")]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      if (/[\w!#$&'*+.^`|~-]/.test(letter)) return letter;
      return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

/** Node writes each character of a header's value as one octet. Go writes UTF-8. */
function octets(value: string): string {
  return Buffer.from(value, "utf8").toString("latin1");
}

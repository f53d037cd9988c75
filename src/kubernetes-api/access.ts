/** What a kubeconfig says of a cluster's API server and of its caller, or why a request cannot be made of it. */
import { errorsOf } from "../foundation/errors.ts";
import type { ClientTls } from "../http/route.ts";
import type { Http } from "../http/client.ts";
import { isLoopback } from "../http/endpoint.ts";
import { parseProxy } from "../http/proxy.ts";
import type { Impersonation } from "../kubeconfig/read/entries.ts";

export interface ApiAccess {
  server: {
    url: URL;
    /** From server-tls.ts, with the user's client certificate if there is one. */
    tls: ClientTls;
    /** The kubeconfig names no CA, so that the system's CAs are trusted. */
    hasNoAuthority?: boolean;
    /** The kubeconfig's proxy-url. It takes precedence over the environment. */
    proxy?: URL | undefined;
  };
  /** A bearer token: a secret. Without it, and without a client certificate, the request is anonymous. */
  token?: string | undefined;
  impersonate?: Impersonation | undefined;
  http: Http;
}

export const unusable = errorsOf("usage", "api-server");
const unsupported = errorsOf("other", "api-server");

/** Nothing is sent when the kubeconfig cannot be followed. */
export function checkAccess({ server: { url, proxy }, token, impersonate }: ApiAccess): void {
  if (token !== undefined && url.protocol === "http:" && !isLoopback(url))
    throw unusable(
      "API_PLAIN_HTTP",
      `the cluster's server in the kubeconfig is http://${url.host}, which would send the token in plain text`,
      "Use https://. The token was not sent.",
    );
  if (proxy?.protocol === "socks5:")
    throw unsupported(
      "API_PROXY_SOCKS",
      "the cluster's proxy-url in the kubeconfig is a socks5 proxy, which kubectl supports and this command does not",
      "The hops before the API server were checked. To check the API server too, use an http proxy (http://HOST:PORT), or a tunnel: its end as server, and the endpoint's host as tls-server-name.",
    );
  const parsed = proxy && parseProxy(proxy.href);
  if (typeof parsed === "string")
    throw unusable(
      "API_PROXY_INVALID",
      `the cluster's proxy-url in the kubeconfig ${parsed}`,
      "Give the proxy as http://HOST:PORT.",
    );
  if (impersonate && !isSendable(impersonate))
    throw unusable(
      "API_IMPERSONATION_INVALID",
      "the user's as, as-uid, as-groups or as-user-extra in the kubeconfig has a control character, such as a line break",
      "Correct or remove it: the values are sent as headers.",
    );
}

/** A header cannot contain control characters, and Go refuses to send them. */
function isSendable({ user, uid, groups, extra }: Impersonation): boolean {
  const values = [user, uid, ...groups, ...extra.flatMap(([, texts]) => texts)];
  // eslint-disable-next-line no-control-regex -- RFC 9110 §5.5
  return !values.some((value) => /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value));
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
    ...extra.map(([key, values]): [string, readonly string[]] => [headerOf(key), values]),
  ];
  return Object.fromEntries(
    headers.filter(([, values]) => values.length > 0).map(([name, values]) => [name, values.map(octets)]),
  );
}

/** client-go escapes the percent sign and every character that is not allowed in a header's name. RFC 9110 §5.6.2. */
function headerOf(extraKey: string): string {
  const name = octets(extraKey).replace(/[^\w!#$&'*+.^`|~-]/g, (octet) => {
    return `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
  return `impersonate-extra-${name}`;
}

/** Node writes each character of a header's value as one octet. Go writes UTF-8. */
function octets(value: string): string {
  return Buffer.from(value, "utf8").toString("latin1");
}

/** `bob; groups a, b; uid 7`. */
export function impersonated({ user, uid, groups, extra }: Impersonation): string {
  const parts: [string, readonly string[]][] = [
    ["", [user]],
    ["groups ", groups.slice(0, 10)],
    ["uid ", uid === "" ? [] : [uid]],
    ["extra ", extra.map(([key]) => key)],
  ];
  return parts
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => what + names.map((name) => name.slice(0, 200)).join(", "))
    .join("; ");
}

/** An endpoint override: another address of a service. */
import { errorsOf } from "../foundation/errors.ts";
import type { Environment } from "../foundation/ports.ts";

export function isLoopback({ hostname }: Pick<URL, "hostname">): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** The host for node:net, without the brackets of an IPv6 address. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

export function portOf({ port, protocol }: URL): number {
  return Number(port) || (protocol === "https:" ? 443 : 80);
}

/** The endpoint, or why it cannot be used. The text completes "the endpoint …". */
export function parseEndpoint(text: string): URL | string {
  if (isMisleading(text)) return misleading;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) return "is not a URL";
  if (url.protocol === "http:" && !isLoopback(url)) return "is plain http, which is allowed on loopback only";
  if (url.protocol !== "https:" && url.protocol !== "http:") return "is neither https nor http";
  if (`${url.protocol}//${url.host}/` !== url.href) return "has more than scheme, host and port";
  return url;
}

/**
 * AWS SDKs and Tools reference, "Service-specific endpoints": the service's own variable, then the common one.
 * @returns the variable, and the endpoint or why it cannot be used
 */
export function endpointIn(
  env: Environment,
  service: "STS" | "EKS",
): { source: string; endpoint: URL | string } | undefined {
  const source = [`AWS_ENDPOINT_URL_${service}`, "AWS_ENDPOINT_URL"].find((name) => env[name]);
  return source === undefined ? undefined : { source, endpoint: parseEndpoint(env[source] ?? "") };
}

/** @throws EksX509Error STS_ENDPOINT_INVALID */
export function stsEndpoint(env: Environment): URL | undefined {
  const given = endpointIn(env, "STS");
  if (given === undefined) return undefined;
  if (given.endpoint instanceof URL) return given.endpoint;
  throw errorsOf("usage", "sts")(
    "STS_ENDPOINT_INVALID",
    `the endpoint in ${given.source} ${given.endpoint}`,
    "Use an endpoint such as https://sts.us-west-2.amazonaws.com, or unset it.",
  );
}

/**
 * A password with `/`, `?` or `#` that is not percent-encoded ends the authority early: in `http://alice:Top@Secret/x@proxy` the
 * host is `Secret`. A parser takes a backslash for a slash. Nothing may be sent to such a host, and no part of the text be printed.
 * WHATWG URL, "authority state".
 */
export function isMisleading(url: string): boolean {
  const rest = url.replace(/^[^:/?#\\]*:\/\//, "");
  const [, authority = "", behind = ""] = /^([^/?#]*)(.*)$/s.exec(rest) ?? [];
  // The @ that was meant can be percent-encoded, or have another width.
  const isEncoded = authority.includes("@") && /%40|\uff20/.test(behind);
  return rest.includes("\\") || behind.includes("@") || isEncoded;
}

/** Completes "the variable or member …". */
export const misleading =
  "has an @ after its host, or a backslash; percent-encode the user name and the password";

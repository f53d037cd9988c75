/** Parsing a URL as Go's net/url does: what it lets through, the verifier then asks STS with. */
import { isIPv6 } from "node:net";
import { quoted, textOf } from "./byte-string.ts";
import { UrlProblem, percentDecode } from "./percent-decoding.ts";
import { formatError } from "./token-error.ts";

export interface PresignedUrl {
  /** Lower case. */
  scheme: string;
  /** With its port, if any; case as sent. */
  host: string;
  /** Decoded. */
  path: string;
  /** As sent: a byte string. */
  rawQuery: string;
}

/** @throws {TokenError} of kind `format`. */
export function parsePresignedUrl(bytes: string): PresignedUrl {
  const [main, fragment] = cut(bytes, "#");
  const url = explained(main, () => parseMain(main));
  explained(bytes, () => percentDecode(fragment, "fragment"));
  return url;
}

function explained<Result>(bytes: string, parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UrlProblem)) throw error;
    throw formatError(`parse ${quoted(bytes)}: ${error.message}`, `URL cannot be parsed: ${error.message}`);
  }
}

function parseMain(bytes: string): PresignedUrl {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\0-\x1f\x7f]/.test(bytes)) throw new UrlProblem("net/url: invalid control character in URL");
  if (bytes.startsWith(":")) throw new UrlProblem("missing protocol scheme");
  const scheme = /^[A-Za-z][A-Za-z0-9+\-.]*(?=:)/.exec(bytes)?.[0];
  const [rest, rawQuery] = cut(scheme === undefined ? bytes : bytes.slice(scheme.length + 1), "?");
  if (scheme === undefined && /^[^/]*:/.test(rest)) {
    throw new UrlProblem("first path segment in URL cannot contain colon");
  }
  // Without a slash it is opaque, as in `mailto:…`, and has no host.
  const isOpaque = scheme !== undefined && !rest.startsWith("/");
  const hierarchy = isOpaque ? { host: "", path: "" } : parseHierarchy(rest, scheme?.toLowerCase());
  return { scheme: scheme?.toLowerCase() ?? "", ...hierarchy, rawQuery };
}

/** `//authority/path`, or a path alone. */
function parseHierarchy(rest: string, scheme: string | undefined): Pick<PresignedUrl, "host" | "path"> {
  const authority = /^\/\/([^/]*)/.exec(rest);
  const host = parseAuthority(authority?.[1] ?? "", scheme);
  const path = rest.slice(authority?.[0].length ?? 0);
  return { host, path: textOf(percentDecode(path, "path")) };
}

function cut(bytes: string, at: string): [string, string] {
  const index = bytes.indexOf(at);
  return index < 0 ? [bytes, ""] : [bytes.slice(0, index), bytes.slice(index + 1)];
}

function parseAuthority(authority: string, scheme: string | undefined): string {
  const at = authority.lastIndexOf("@");
  const host = parseHost(authority.slice(at + 1), scheme);
  const userinfo = authority.slice(0, Math.max(at, 0));
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new UrlProblem("net/url: invalid userinfo");
  percentDecode(userinfo, "userinfo");
  return host;
}

function parseHost(host: string, scheme: string | undefined): string {
  const [address, port] = host.startsWith("[") ? splitBracketed(host) : splitPort(host, scheme);
  if (!/^(?::[0-9]*)?$/.test(port)) throw new UrlProblem(`invalid port ${quoted(port)} after host`);
  return textOf(percentDecode(address, "host") + port);
}

/** Outside http, Go bears several colons in a host. */
function splitPort(host: string, scheme: string | undefined): [string, string] {
  if (host.includes("[")) throw new UrlProblem("invalid IP-literal");
  const at = scheme === "http" || scheme === "https" ? host.indexOf(":") : host.lastIndexOf(":");
  return at < 0 ? [host, ""] : [host.slice(0, at), host.slice(at)];
}

/** RFC 3986's IP-literal: only an IPv6 address may be in brackets. STS's hosts never are. */
function splitBracketed(host: string): [string, string] {
  const at = host.lastIndexOf("]");
  if (at < 0) throw new UrlProblem("missing ']' in host");
  if (isIPv6(host.slice(1, at))) return [host.slice(0, at + 1), host.slice(at + 1)];
  throw new UrlProblem("invalid IP-literal");
}

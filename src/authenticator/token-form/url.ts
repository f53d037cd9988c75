/**
 * A URL as Go's url.Parse reads it, which follows neither RFC 3986 nor WHATWG: fragment, scheme, authority, path and query,
 * on strings of bytes. WHATWG's URL would lower the host's case and drop `:443`, and the verifier refuses both.
 */

export interface UrlReading {
  /** Lower case; empty if there is none. */
  scheme: string;
  /** With the port, without user name and password. */
  host: string;
  path: string;
  /** Unchanged, with its escapes. */
  rawQuery: string;
  /** The problem, to follow "the URL "; undefined if Go accepts it. The parts are then those that could be read. */
  problem: string | undefined;
}

export function readUrl(text: string): UrlReading {
  const [beforeFragment, fragment] = cut(text, "#");
  const reading = readWithoutFragment(beforeFragment);
  if (reading.problem === undefined && unescape(fragment) === undefined)
    return { ...reading, problem: "has a broken percent escape in its fragment" };
  return reading;
}

function readWithoutFragment(text: string): UrlReading {
  // eslint-disable-next-line no-control-regex -- Go refuses these
  if (/[\0-\x1f\x7f]/.test(text)) return { ...nothing, problem: "contains a control character" };
  if (text.startsWith(":")) return { ...nothing, problem: "begins with a colon" };
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(text)?.[0] ?? "";
  const [hierarchy, rawQuery] = cut(scheme ? text.slice(scheme.length + 1) : text, "?");
  return readHierarchy(scheme.toLowerCase(), hierarchy, rawQuery);
}

function readHierarchy(scheme: string, hierarchy: string, rawQuery: string): UrlReading {
  const reading = { ...nothing, scheme, rawQuery };
  if (!hierarchy.startsWith("/")) return readRootless(reading, hierarchy);
  const hasAuthority = hierarchy.startsWith("//") && (scheme !== "" || !hierarchy.startsWith("///"));
  const authority = hasAuthority ? cut(hierarchy.slice(2), "/")[0] : "";
  const path = unescape(hasAuthority ? hierarchy.slice(2 + authority.length) : hierarchy);
  const [userInfo, host] = cutLast(authority, "@");
  return {
    ...reading,
    host: unescape(host) ?? "",
    path: path ?? "",
    problem:
      hostProblem(scheme, host) ??
      userInfoProblem(userInfo) ??
      (path === undefined ? "has a broken percent escape in its path" : undefined),
  };
}

/** For Go, `mailto:x` has neither host nor path, and `x/y` is a path. */
function readRootless(reading: UrlReading, text: string): UrlReading {
  if (reading.scheme !== "") return reading;
  if (cut(text, "/")[0].includes(":"))
    return { ...reading, problem: "has a colon at a place where no scheme can end" };
  const path = unescape(text);
  if (path === undefined) return { ...reading, problem: "has a broken percent escape in its path" };
  return { ...reading, path };
}

function userInfoProblem(userInfo: string): string | undefined {
  const isValid = /^[A-Za-z0-9._:~!$&'()*+,;=%@-]*$/.test(userInfo) && unescape(userInfo) !== undefined;
  return isValid ? undefined : "has characters before the @ that are not allowed in a user name";
}

const nothing: UrlReading = { scheme: "", host: "", path: "", rawQuery: "", problem: undefined };

export function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** Before and after the last separator. If there is none, the whole text comes after. */
function cutLast(text: string, separator: string): [before: string, after: string] {
  const at = text.lastIndexOf(separator);
  return [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
}

// The hosts that Go's url.Parse accepts: names, with escapes only for non-ASCII bytes, and IPv6 addresses in brackets.

/** The problem of a URL's host and port, to follow "the URL "; undefined if Go accepts them. */
function hostProblem(scheme: string, host: string): string | undefined {
  const bracket = host.lastIndexOf("[");
  if (bracket > 0) return "has a bracket inside its host";
  if (bracket === 0) return addressProblem(host);
  return (
    portProblem(portOf(scheme, host)) ??
    (isName(host) ? undefined : "has a character in its host that is not allowed")
  );
}

/** From the first colon. Go accepts more of them if the scheme is not http. */
function portOf(scheme: string, host: string): string {
  const colon = /^https?$/.test(scheme) ? host.indexOf(":") : host.lastIndexOf(":");
  return colon < 0 ? "" : host.slice(colon);
}

function portProblem(port: string): string | undefined {
  return /^(?::[0-9]*)?$/.test(port) ? undefined : "has a port that is not a number";
}

/** Go accepts every other byte from 0x80 up, escaped or not. */
function isName(text: string): boolean {
  return /^(?:[A-Za-z0-9!$&'()*+,;=:[\]<>"._~\x80-\xff-]|%25|%[89A-Fa-f][0-9A-Fa-f])*$/.test(text);
}

/** `[fe80::1%25eth0]:443`; RFC 6874 for the zone. */
function addressProblem(host: string): string | undefined {
  const end = host.lastIndexOf("]");
  if (end < 0) return "has no ] after its address";
  const [, address = "", zone] = /^(.*?)(?:%25(.*))?$/s.exec(host.slice(1, end)) ?? [];
  const isAddress = /^[0-9A-Fa-f:.]+$/.test(address) && URL.canParse(`http://[${address}]/`);
  if (!isAddress || (zone !== undefined && !isZone(zone))) return "has no IPv6 address between its brackets";
  return portProblem(host.slice(end + 1));
}

/** An escape can stand for a character that needs none, and for a space. */
function isZone(zone: string): boolean {
  if (!/^(?:[^%]|%[0-9A-Fa-f]{2})+$/s.test(zone)) return false;
  const plain = zone.replace(/%(?:25|20)/g, "");
  const unescaped = plain.replace(/%(..)/g, (_, digits: string) =>
    Number.parseInt(digits, 16) < 0x80 ? String.fromCharCode(Number.parseInt(digits, 16)) : " ",
  );
  return isName(unescaped) && !unescaped.includes("%");
}

// Percent-decoding as in Go's net/url, on strings of bytes (one character each). RFC 3986 section 2.1.

/** Undefined if a percent sign has no two hexadecimal digits after it: Go refuses the whole text. */
function unescape(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  return text.replace(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** In a query, a plus is a space. */
export function unescapeQuery(text: string): string | undefined {
  return unescape(text.replaceAll("+", " "));
}

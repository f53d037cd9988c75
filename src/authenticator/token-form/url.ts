/**
 * A URL as Go's url.Parse reads it, which is neither RFC 3986 nor WHATWG: fragment, scheme, authority, path and query, on
 * strings of bytes. WHATWG's URL would lower the host's case and drop `:443`, both of which the verifier refuses.
 */
import { unescape } from "./escapes.ts";
import { hostProblem } from "./url-host.ts";

export interface UrlReading {
  /** Lower case; empty when there is none. */
  scheme: string;
  /** With its port; without user name and password. */
  host: string;
  path: string;
  /** As it stands, escapes and all. */
  rawQuery: string;
  /** What is wrong, to follow "the URL "; undefined when Go takes it. The parts are then as far as they could be read. */
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
  // eslint-disable-next-line no-control-regex -- these it is that Go refuses
  if (/[\0-\x1f\x7f]/.test(text)) return { ...nothing, problem: "holds a control character" };
  if (text.startsWith(":")) return { ...nothing, problem: "begins with a colon" };
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(text)?.[0] ?? "";
  const [hierarchy, rawQuery] = cut(scheme ? text.slice(scheme.length + 1) : text, "?");
  return readHierarchy(scheme.toLowerCase(), hierarchy, rawQuery);
}

/** What stands between scheme and query. */
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

/** `mailto:x` has neither host nor path for Go; `x/y` is a path. */
function readRootless(reading: UrlReading, text: string): UrlReading {
  if (reading.scheme !== "") return reading;
  if (cut(text, "/")[0].includes(":")) return { ...reading, problem: "has a colon where no scheme can end" };
  const path = unescape(text);
  if (path === undefined) return { ...reading, problem: "has a broken percent escape in its path" };
  return { ...reading, path };
}

function userInfoProblem(userInfo: string): string | undefined {
  const isValid = /^[A-Za-z0-9._:~!$&'()*+,;=%@-]*$/.test(userInfo) && unescape(userInfo) !== undefined;
  return isValid ? undefined : "has characters before the @ that no user name may have";
}

const nothing: UrlReading = { scheme: "", host: "", path: "", rawQuery: "", problem: undefined };

/** Before and after the first separator. */
function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** Before and after the last separator; all of it comes after, where there is none. */
function cutLast(text: string, separator: string): [before: string, after: string] {
  const at = text.lastIndexOf(separator);
  return [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
}

/** The URL of a proxy. */
import { isMisleading, misleading } from "./endpoint.ts";

/** The URL, or why it is none. The text completes "HTTPS_PROXY …". */
export function parseProxy(value: string): URL | string {
  if (isMisleading(value)) return misleading;
  const text = value.includes("://") ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") return "is not an http or https URL";
  if (isDecodable(url.username) && isDecodable(url.password)) return url;
  return "has a % in its user name or password, which must be written as %25";
}

function isDecodable(part: string): boolean {
  try {
    // The result is used, so that no minifier removes the call.
    return decodeURIComponent(part).length <= part.length;
  } catch {
    return false;
  }
}

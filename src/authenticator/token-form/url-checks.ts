/** The URL that the token encodes, up to its query. */
import type { Finding } from "./token-check.ts";
import type { TokenReading } from "./token-reading.ts";

export function checkUrl({ url }: TokenReading): Finding {
  if (url.problem === undefined) return "encodes a URL";
  return {
    code: "TOKEN_URL_MALFORMED",
    why: `what the token encodes is no URL: it ${url.problem}`,
    hint: "Copy the token again. If it comes out of a tool like this, the tool encodes something else than a presigned STS URL.",
  };
}

export function checkScheme({ url: { scheme } }: TokenReading): Finding {
  if (scheme === "https") return "https";
  const named = /^(?:http|ws|wss|ftp|file)$/.test(scheme) ? `scheme ${scheme}` : "another scheme";
  return {
    code: "TOKEN_SCHEME_REFUSED",
    why: `the URL has ${scheme === "" ? "no scheme" : named}, and the verifier takes https alone`,
    hint: "Sign for the https endpoint. Where AWS_ENDPOINT_URL_STS leads to http, the plugin must still sign for STS's own address.",
  };
}

export function checkPath({ url: { path } }: TokenReading): Finding {
  if (path === "/") return "/";
  if (path === "")
    return {
      code: "TOKEN_PATH_MISSING",
      why: "the URL has no path: its query follows the host at once",
      hint: "The URL must read https://{host}/?Action=…, with the slash.",
    };
  return {
    code: "TOKEN_PATH_REFUSED",
    why: "the URL has another path than /",
    hint: "The URL must read https://{host}/?Action=…, with one slash. A path comes from an endpoint URL that has one, or from a doubled slash.",
  };
}

import type { WireRequest } from "../../src/sandbox/wire.ts";

interface Parts {
  method?: string;
  path?: string;
  query?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

/** A request as the TLS server would hand it to a handler. */
export function wireRequest({
  method = "GET",
  path = "/",
  query = "",
  headers = {},
  body = "",
}: Parts): WireRequest {
  return {
    method,
    path,
    rawQuery: query,
    headers: new Map(Object.entries(headers)),
    body: Buffer.from(body),
  };
}

/** The request that a URL stands for, with the headers that come along. */
export function requestOfUrl(url: string, headers: Readonly<Record<string, string>> = {}): WireRequest {
  const parts = /^https:\/\/([^/]+)(\/[^?]*)\??(.*)$/.exec(url);
  const [, host = "", path = "/", query = ""] = parts ?? [];
  return wireRequest({ path, query, headers: { host, ...headers } });
}

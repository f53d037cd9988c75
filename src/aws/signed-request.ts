/** Requests to AWS with Signature Version 4 in their headers, signed with a session. */
import { Sha256 } from "@smithy/core/checksum";
import { buildQueryString } from "@smithy/core/protocols";
import { SignatureV4 } from "@smithy/signature-v4";
import type { OutgoingRequest } from "../http/exchange.ts";
import type { AwsCredentials } from "./credentials.ts";
import type { Region } from "./partition.ts";

export interface UnsignedRequest {
  method: "GET" | "POST";
  /** The address without a query. */
  url: URL;
  query?: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
  body?: string;
}

export interface Signing {
  service: "eks" | "sts";
  region: Region;
  credentials: AwsCredentials;
  now: Date;
}

export async function signedRequest(
  { method, url, query = {}, headers, body = "" }: UnsignedRequest,
  { service, region, credentials, now }: Signing,
): Promise<OutgoingRequest> {
  const signer = new SignatureV4({
    service,
    region: region.name,
    credentials,
    sha256: Sha256,
    applyChecksum: false,
  });
  const signed = await signer.sign(
    {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      headers: { host: url.host, ...headers },
      query,
      body,
    },
    { signingDate: now },
  );
  const asked = new URL(url);
  asked.search = buildQueryString(query);
  return { method, url: asked, headers: signed.headers, body };
}

/** The signature of a request, which an answer that repeats it must not print. */
export function signatureOf({ headers }: OutgoingRequest): string[] {
  return (headers["authorization"] ?? "").split("Signature=").slice(1);
}

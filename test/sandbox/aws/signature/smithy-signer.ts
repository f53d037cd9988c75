import { Sha256Js } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Session } from "../../../../src/sandbox/aws/sessions.ts";
import type { WireRequest } from "../../../../src/sandbox/wire.ts";
import { wireRequest } from "../../wire-request.ts";

interface Unsigned {
  service: "sts" | "eks" | "iam" | "acm-pca" | "rolesanywhere";
  region?: string;
  method?: string;
  host: string;
  path?: string;
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  at: Date;
}

/** The SDK's own signer: another implementation of SigV4 than the sandbox's. */
function signer({ service, region = "us-west-2" }: Unsigned, session: Session): SignatureV4 {
  return new SignatureV4({ service, region, credentials: session, sha256: Sha256Js });
}

function httpRequest({ method = "GET", host, path = "/", query = {}, headers = {}, body = "" }: Unsigned) {
  return {
    method,
    protocol: "https:",
    hostname: host,
    path,
    query: { ...query },
    headers: { ...headers, host },
    body,
  };
}

/** Signs in headers. */
export async function signed(unsigned: Unsigned, session: Session): Promise<WireRequest> {
  const request = httpRequest(unsigned);
  const { headers } = await signer(unsigned, session).sign(request, { signingDate: unsigned.at });
  return wireRequest({ ...request, query: rawQuery(request.query), headers });
}

/** Signs in the query, every header included. */
export async function presigned(unsigned: Unsigned, session: Session): Promise<WireRequest> {
  const request = httpRequest(unsigned);
  const options = {
    signingDate: unsigned.at,
    expiresIn: 60,
    unhoistableHeaders: new Set(Object.keys(request.headers)),
  };
  const { query } = await signer(unsigned, session).presign(request, options);
  return wireRequest({ ...request, query: rawQuery(query ?? {}) });
}

function rawQuery(query: Readonly<Record<string, unknown>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join("&");
}

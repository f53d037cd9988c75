/** A GET to EKS, signed with a session: Signature Version 4 with the service name `eks`. */
import { SignatureV4 } from "@smithy/signature-v4";
import type { Region } from "../partition.ts";
import type { OutgoingRequest } from "../../http/exchange.ts";
import type { RoleSession } from "../credentials.ts";
import { Sha256 } from "../sha256.ts";

export interface EksCaller {
  session: RoleSession;
  /** The region of the cluster. */
  region: Region;
  /** The endpoint of EKS in that region, or an override. */
  endpoint: URL;
}

export interface EksTarget {
  /** The segments of the path, unencoded. */
  path: readonly string[];
  query?: Readonly<Record<string, string>>;
}

/** @param now becomes X-Amz-Date */
export async function eksRequest(
  { path, query = {} }: EksTarget,
  { session, region, endpoint }: EksCaller,
  now: Date,
): Promise<OutgoingRequest> {
  const url = new URL(`/${path.map(encoded).join("/")}`, endpoint);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const signer = new SignatureV4({
    service: "eks",
    region: region.name,
    credentials: session.credentials,
    sha256: Sha256,
    applyChecksum: false,
  });
  const { headers } = await signer.sign(
    {
      method: "GET",
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      headers: { host: url.host, accept: "application/json" },
      query,
    },
    { signingDate: now },
  );
  return { method: "GET", url, headers, body: "" };
}

/** RFC 3986. SigV4 requires encoding for some characters that encodeURIComponent leaves. */
function encoded(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The CreateSession request, signed with the identity. API reference, CreateSession. */
import type { RoleArn, RolesAnywhereArn } from "../aws/arn.ts";
import type { Identity } from "../identity/identity.ts";
import { amzDate, authorize, canonicalQuery, type UnsignedRequest } from "./sigv4-x509.ts";

export interface SessionParameters {
  trustAnchor: RolesAnywhereArn;
  profile: RolesAnywhereArn;
  role: RoleArn;
  /** 900 to 43200. */
  durationSeconds: number;
  roleSessionName: string | undefined;
}

export interface SignedRequest {
  method: "POST";
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** The signature in the Authorization header. An answer that repeats it is not printed. */
  signature: string;
}

/** @param endpoint its host is signed. The scope always has the trust anchor's region. */
export async function createSessionRequest(
  parameters: SessionParameters,
  { leaf, chain, signer }: Identity,
  endpoint: URL,
  now: Date,
): Promise<SignedRequest> {
  const unsigned: UnsignedRequest = {
    method: "POST",
    path: "/sessions",
    query: query(parameters),
    headers: {
      "content-type": "application/json",
      host: endpoint.host,
      "x-amz-date": amzDate(now),
      "x-amz-x509": leaf.der.toString("base64"),
      ...(chain.length > 0 && {
        "x-amz-x509-chain": chain.map(({ der }) => der.toString("base64")).join(","),
      }),
    },
    body: body(parameters),
  };
  const region = parameters.trustAnchor.region.name;
  const { header: authorization, signature } = await authorize(unsigned, {
    signer,
    serial: leaf.serial,
    region,
    amzDate: amzDate(now),
  });
  return {
    method: "POST",
    url: new URL(`${unsigned.path}?${canonicalQuery(unsigned.query)}`, endpoint),
    headers: { ...unsigned.headers, authorization },
    body: unsigned.body,
    signature,
  };
}

function query({ profile, role, trustAnchor }: SessionParameters): UnsignedRequest["query"] {
  return [
    ["profileArn", profile.text],
    ["roleArn", role.text],
    ["trustAnchorArn", trustAnchor.text],
  ];
}

function body({ durationSeconds, roleSessionName }: SessionParameters): string {
  return JSON.stringify({ durationSeconds, ...(roleSessionName !== undefined && { roleSessionName }) });
}

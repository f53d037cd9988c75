/**
 * The EKS token: `k8s-aws-v1.` and the base64url of a presigned STS GetCallerIdentity URL, bound to one cluster by the
 * signed header x-k8s-aws-id. The cluster's authenticator sends the URL to STS.
 * Form: kubernetes-sigs/aws-iam-authenticator, "API Authorization from Outside a Cluster"; aws-cli `eks get-token`.
 */
import { Sha256 } from "@smithy/core/checksum";
import { buildQueryString } from "@smithy/core/protocols";
import { SignatureV4 } from "@smithy/signature-v4";
import { type EndpointVariant, type Region, stsHost } from "../aws/partition.ts";
import { EksX509Error } from "../foundation/errors.ts";
import type { Session } from "../rolesanywhere/session.ts";

/** STS accepts a presigned URL for 15 minutes from X-Amz-Date and ignores X-Amz-Expires. Clients keep a margin of one minute. */
const tokenLifetime = 14 * 60_000;
/** The margin before the session's end, because client-go has none and clocks differ. */
const sessionMargin = 60_000;
/** aws-iam-authenticator refuses a longer token before it reads it. */
const longestToken = 4096;

export interface TokenParameters {
  clusterName: string;
  /** The region of the cluster, not of the trust anchor. */
  region: Region;
  variant: EndpointVariant;
}

export interface Token {
  /** The bearer token: a secret. */
  text: string;
  host: string;
  expiration: Date;
}

/**
 * Signs without the network.
 * @param now becomes X-Amz-Date, in whole seconds
 */
export async function mintToken(session: Session, parameters: TokenParameters, now: Date): Promise<Token> {
  const signedAt = new Date(Math.floor(now.getTime() / 1000) * 1000);
  const host = stsHost(parameters.region, parameters.variant);
  const url = await presignedUrl(session, parameters, host, signedAt);
  const text = `k8s-aws-v1.${Buffer.from(url, "utf8").toString("base64url")}`;
  const expiration = new Date(
    Math.min(signedAt.getTime() + tokenLifetime, session.expiration.getTime() - sessionMargin),
  );
  if (text.length > longestToken) throw tooLong(text.length);
  if (expiration <= now) throw tooShort(session.expiration);
  return { text, host, expiration };
}

async function presignedUrl(
  session: Session,
  { clusterName, region }: TokenParameters,
  host: string,
  signedAt: Date,
): Promise<string> {
  const signer = new SignatureV4({
    service: "sts",
    region: region.name,
    credentials: session.credentials,
    sha256: Sha256,
    applyChecksum: false,
  });
  const { query } = await signer.presign(
    {
      method: "GET",
      protocol: "https:",
      hostname: host,
      path: "/",
      headers: { host, "x-k8s-aws-id": clusterName },
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
    },
    { signingDate: signedAt, expiresIn: 60, unhoistableHeaders: new Set(["x-k8s-aws-id"]) },
  );
  return `https://${host}/?${buildQueryString(query ?? {})}`;
}

function tooLong(length: number): EksX509Error {
  return new EksX509Error({
    category: "other",
    hop: "token",
    code: "TOKEN_TOO_LONG",
    message: `the token has ${length} bytes, and the cluster's authenticator accepts at most ${longestToken}`,
    hint: "The certificate's subject, issuer and SANs become session tags, which make the session token longer. Use a certificate with fewer or shorter names, or map fewer attributes in the Roles Anywhere profile.",
  });
}

function tooShort(sessionEnd: Date): EksX509Error {
  return new EksX509Error({
    category: "network",
    hop: "session",
    code: "SESSION_TOO_SHORT",
    message: `Roles Anywhere returned a session that expires at ${sessionEnd.toISOString()}, too soon for a token`,
    hint: "Check this machine's clock.",
  });
}

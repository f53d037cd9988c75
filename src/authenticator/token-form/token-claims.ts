/** What a token says of itself, true or not: fit to be printed, and without signature and session token. */
import { accountOfAccessKey } from "../../aws/access-key.ts";
import { judgeHost, type StsHost, type VerifierPlace } from "../sts-hosts.ts";
import { harmlessHost, harmlessKeyId, harmlessName, harmlessRegion } from "./harmless.ts";
import { isClusterHeaderSigned, secondsOf, validUntilOf } from "./parameter-checks.ts";
import { valueOf, type QueryReading } from "./query.ts";
import { readSigningDate } from "./signing-date.ts";
import type { TokenReading } from "./token-reading.ts";

/** Undefined is what the token does not say, or not in a form that may be shown. */
export interface TokenClaims {
  /** In bytes. */
  length: number;
  /** Of the URL, port included; not necessarily STS's. */
  host: string | undefined;
  /** Whether the host is STS's in some partition, and spelled as the verifier wants it. */
  isStsHost: boolean;
  /** Of an STS host. */
  partition: string | undefined;
  /** Of an STS host; of the global one, the region that the credential was signed for. */
  region: string | undefined;
  accessKeyId: string | undefined;
  /** Decoded from the access key id, 12 digits. */
  account: string | undefined;
  signedAt: Date | undefined;
  /** signedAt and 15 minutes. */
  validUntil: Date | undefined;
  /** X-Amz-Expires in seconds, where the verifier takes it. STS ignores it. */
  expires: number | undefined;
  /** Those with a well-known name. */
  signedHeaders: readonly string[];
  isClusterHeaderSigned: boolean;
  /** Whether it comes with a session token: signed by a role or a federated user. */
  isTemporary: boolean;
}

export function claimsOf({ length, url: { host }, query }: TokenReading, place: VerifierPlace): TokenClaims {
  const sts = stsHostOf(host, place);
  const credential = valueOf(query, "x-amz-credential").split("/");
  const accessKeyId = harmlessKeyId(credential[0] ?? "");
  const shownHost = harmlessHost(host);
  return {
    length,
    host: shownHost,
    isStsHost: sts !== undefined,
    partition: sts?.partition.name,
    region: shownHost && sts && (sts.region ?? harmlessRegion(credential[2] ?? "")),
    accessKeyId,
    account: accessKeyId === undefined ? undefined : accountOfAccessKey(accessKeyId),
    ...timesOf(query),
    ...signedHeadersOf(query),
    isTemporary: valueOf(query, "x-amz-security-token") !== "",
  };
}

/** Its own partition's verifier tells more of it than that of a wrong one. */
function stsHostOf(host: string, place: VerifierPlace): StsHost | undefined {
  return [judgeHost(host, {}), judgeHost(host, place)].find((verdict) => typeof verdict === "object");
}

function timesOf(query: QueryReading): Pick<TokenClaims, "signedAt" | "validUntil" | "expires"> {
  const date = readSigningDate(valueOf(query, "x-amz-date"));
  const seconds = secondsOf(valueOf(query, "x-amz-expires")) ?? -1;
  return {
    signedAt: typeof date === "object" ? date : undefined,
    validUntil: validUntilOf(date),
    expires: seconds >= 0 && seconds <= 900 ? seconds : undefined,
  };
}

function signedHeadersOf(query: QueryReading): Pick<TokenClaims, "signedHeaders" | "isClusterHeaderSigned"> {
  const text = valueOf(query, "x-amz-signedheaders");
  const names = text.split(";").filter((name) => harmlessName(name) !== undefined);
  return { signedHeaders: [...new Set(names)], isClusterHeaderSigned: isClusterHeaderSigned(text) };
}

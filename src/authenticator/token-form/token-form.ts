/**
 * Judges a token as the cluster's verifier does before it calls STS: aws-iam-authenticator, pkg/token, Verify, and
 * below it Go's base64, net/url, strconv and time. Only STS can check the signature.
 */
import type { StsRequest } from "../../aws/sts/ask-sts.ts";
import { judgeHost, type VerifierPlace } from "../sts-hosts.ts";
import { checks, type FormContext, isClusterHeaderSigned, words } from "./checks.ts";
import { valueOf, knownNames, readQuery } from "./query.ts";
import { readToken, type TokenReading, validUntil } from "./token-text.ts";
import { accountOfAccessKey } from "../../aws/access-key.ts";
import type { CodeOf } from "../../foundation/errors.ts";
import { harmless, harmlessHost } from "./shown.ts";

export interface FailedCheck {
  name: (typeof checks)[number][0];
  /** Stable, from docs/errors.md. */
  code: CodeOf<"refused", "token">;
  /** The finding, without any part of the signature or of the session token. */
  why: string;
  hint: string;
}

export interface TokenForm {
  failure: FailedCheck | undefined;
  /** The claims that could be read, also after a failed check. */
  claims: TokenClaims;
  /** The key id that the verifier reads from X-Amz-Credential, unfiltered. The claims contain it if it can be printed. */
  accessKeyId: string;
  /** The request that the verifier would send to STS, which is a secret. Undefined unless every check passes. */
  request: StsRequest | undefined;
}

export function readTokenForm(token: string, context: FormContext): TokenForm {
  const reading = readToken(token);
  const failure = failedCheck(reading, context);
  const { host, path, rawQuery } = reading.url;
  return {
    failure,
    claims: claimsOf(reading, context),
    accessKeyId: valueOf(reading.query, "x-amz-credential").split("/")[0] ?? "",
    request: failure ? undefined : { host, target: `${path}?${rawQuery}` },
  };
}

function failedCheck(reading: TokenReading, context: FormContext): FailedCheck | undefined {
  for (const [name, check] of checks) {
    const finding = check(reading, context);
    if (!finding) continue;
    const [code, ...found] = typeof finding === "string" ? [finding] : finding;
    if (breaksOff(code, reading)) return { name, ...cutOff(reading) };
    const [why, hint] = words[code];
    return { name, code, why: found.reduce((text, part) => text.replace("%s", () => part), why), hint };
  }
  return undefined;
}

// The claims of a token, true or not. They can be printed and contain no signature or session token.

/** Undefined if the token does not contain the claim, or not in a form that can be printed. */
export interface TokenClaims {
  /** In bytes. */
  length: number;
  /** Of the URL, with the port; not necessarily a host of STS. */
  host: string | undefined;
  /** Of an STS host. */
  partition: string | undefined;
  /** Of an STS host; for the global host, the region of the credential. */
  region: string | undefined;
  accessKeyId: string | undefined;
  /** Decoded from the access key id, 12 digits. */
  account: string | undefined;
  signedAt: Date | undefined;
  validUntil: Date | undefined;
  isClusterHeaderSigned: boolean;
}

function claimsOf(reading: TokenReading, place: VerifierPlace): TokenClaims {
  const { length, url, query, signedAt } = reading;
  const [keyId = "", , region = ""] = valueOf(query, "x-amz-credential").split("/");
  const accessKeyId = harmless("keyId", keyId);
  const host = harmlessHost(url.host);
  // The verifier of the host's own partition gives more information than that of another one.
  const sts = [judgeHost(url.host, {}), judgeHost(url.host, place)].find((each) => typeof each === "object");
  return {
    length,
    host,
    partition: sts?.partition.name,
    region: host && sts && (sts.region ?? harmless("region", region)),
    accessKeyId,
    account: accessKeyId === undefined ? undefined : accountOfAccessKey(accessKeyId),
    signedAt,
    validUntil: signedAt && validUntil(signedAt),
    isClusterHeaderSigned: isClusterHeaderSigned(query),
  };
}

// A token without its end. The verifier would fail at a later check, whose reason would mislead.

function cutOff({ length }: TokenReading): Omit<FailedCheck, "name"> {
  return {
    code: "TOKEN_CUT_OFF",
    why: "the URL in the token ends inside its query, so the end of the token is missing",
    hint: `Copy the complete token: this one has ${length} bytes. If a terminal or a ticket cuts long lines, pipe the plugin's output into "eks-x509 token debug -".`,
  };
}

function breaksOff(code: string, reading: TokenReading): boolean {
  const { rawQuery } = reading.url;
  switch (code) {
    case "TOKEN_QUERY_MALFORMED":
      return /=[^&]*%[0-9A-Fa-f]?$/.test(rawQuery) && readQuery(withoutLast(rawQuery)).problem === undefined;
    case "TOKEN_PARAMETER_UNKNOWN":
      return endsInsideName(reading);
    case "TOKEN_SIGNED_HEADERS_MISSING":
      return lacksSignature(reading) || lastName(reading) === "x-amz-signedheaders";
    case "TOKEN_CLUSTER_HEADER_UNSIGNED":
      return lacksSignature(reading) || endsInsideHeaders(reading);
    default:
      return false;
  }
}

function withoutLast(rawQuery: string): string {
  return rawQuery.slice(0, Math.max(rawQuery.lastIndexOf("&"), 0));
}

/** The only unknown name is the last one, and a known name begins with it. */
function endsInsideName({ url: { rawQuery }, query: { parameters } }: TokenReading): boolean {
  const [last, ...others] = [...parameters].reverse();
  if (!last || last.lowerName === "" || /[=&]$/.test(rawQuery) || last.value !== "") return false;
  const isBeginning = [...knownNames].some((name) => name.startsWith(last.lowerName));
  return isBeginning && others.every(({ lowerName }) => knownNames.has(lowerName));
}

/** Of a request that is signed in its query. */
function lacksSignature({ query }: TokenReading): boolean {
  return (
    valueOf(query, "x-amz-algorithm") !== "" && !/^[0-9a-f]{64}$/i.test(valueOf(query, "x-amz-signature"))
  );
}

/** Some signers put the signed headers last. */
function endsInsideHeaders(reading: TokenReading): boolean {
  if (lastName(reading) !== "x-amz-signedheaders") return false;
  const names = valueOf(reading.query, "x-amz-signedheaders").split(";");
  return names.length > 1 && "x-k8s-aws-id".startsWith(names.at(-1) ?? "");
}

function lastName({ query: { parameters } }: TokenReading): string | undefined {
  return parameters.at(-1)?.lowerName;
}

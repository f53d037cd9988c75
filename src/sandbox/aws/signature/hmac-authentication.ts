/** Finds the session that signed a request with temporary credentials: SigV4 as STS and EKS check it. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { WireRequest } from "../../wire.ts";
import { formatAmzDate, parseAmzDate, tolerance } from "./parameters.ts";
import {
  type Authorization,
  type ReceivedSignature,
  incompleteSignature,
  readSignature,
  signatureMismatch,
  wrongScope,
} from "./received-signature.ts";
import { canonicalRequest, stringToSign } from "./canonical-request.ts";
import type { ApiName } from "../api/model.ts";
import { Refusal } from "../refusal.ts";
import type { Session, Sessions } from "../sessions.ts";

const algorithm = "AWS4-HMAC-SHA256";

export type SignedService = "sts" | ApiName;

interface HmacAuthentication {
  request: WireRequest;
  service: SignedService;
  sessions: Sessions;
  now: Date;
}

/** @returns the session that signed, and the region of the signature  @throws {Refusal} with STS's error codes. */
export function authenticateHmac({ request, service, sessions, now }: HmacAuthentication) {
  const received = readSignature(request);
  const { authorization, amzDate } = received;
  checkScope(request, received, service);
  checkDate(amzDate, now);
  const session = findSession(received, sessions, now);
  checkSignedHeaders(request, authorization.signedHeaders);
  const canonical = canonicalRequest(request, authorization.signedHeaders, received.except);
  const text = stringToSign(algorithm, amzDate, authorization.scope, canonical);
  if (!isSignatureOf(text, authorization, session.secretAccessKey)) {
    throw signatureMismatch("the signature differs: another secret key signed it, or a signed part changed");
  }
  return { session, region: authorization.scope.region };
}

function checkScope(
  request: WireRequest,
  { authorization, amzDate }: ReceivedSignature,
  service: string,
): void {
  const { scope } = authorization;
  if (authorization.algorithm !== algorithm) throw incompleteSignature("Unsupported AWS 'algorithm'.");
  if (scope.terminator !== "aws4_request") {
    throw wrongScope("Credential should be scoped with a valid terminator: 'aws4_request'.");
  }
  if (scope.service !== service) {
    throw wrongScope(`Credential should be scoped to correct service: '${service}'.`);
  }
  const region = regionOfHost(request.headers.get("host") ?? "", service);
  if (region !== undefined && region !== scope.region) {
    throw wrongScope("Credential should be scoped to a valid region.");
  }
  if (scope.date !== amzDate.slice(0, 8)) {
    throw wrongScope(
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
    );
  }
}

/** Loopback serves any region. An AWS host serves its own region, and the global STS host serves us-east-1. */
function regionOfHost(host: string, service: string): string | undefined {
  if (host === "sts.amazonaws.com") return "us-east-1";
  const labels = /^([a-z]+)(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws|api)\./.exec(host);
  return labels?.[1] === service ? labels[2] : undefined;
}

/** STS ignores X-Amz-Expires and always allows 15 minutes. */
function checkDate(amzDate: string, now: Date): void {
  const date = parseAmzDate(amzDate);
  if (date === undefined) throw incompleteSignature("Date must be in ISO-8601 'basic format'.");
  const earliest = new Date(now.getTime() - tolerance);
  const latest = new Date(now.getTime() + tolerance);
  const present = formatAmzDate(now);
  if (date < earliest) {
    const limit = `${formatAmzDate(earliest)} (${present} - 15 min.)`;
    throw wrongScope(`Signature expired: ${amzDate} is now earlier than ${limit}`);
  }
  if (date > latest) {
    const limit = `${formatAmzDate(latest)} (${present} + 15 min.)`;
    throw wrongScope(`Signature not yet current: ${amzDate} is still later than ${limit}`);
  }
}

function findSession(
  { authorization, sessionToken }: ReceivedSignature,
  sessions: Sessions,
  now: Date,
): Session {
  const session = sessions.find(authorization.credentialId);
  if (session?.sessionToken !== (sessionToken ?? "")) {
    const why =
      session === undefined
        ? "the access key id is unknown"
        : "the session token belongs to another access key";
    const message = "The security token included in the request is invalid.";
    throw new Refusal(403, "InvalidClientTokenId", message, why);
  }
  if (session.expiration <= now) {
    const message = "The security token included in the request is expired";
    throw new Refusal(403, "ExpiredToken", message);
  }
  return session;
}

function checkSignedHeaders(request: WireRequest, names: readonly string[]): void {
  const absent = names.find((name) => !request.headers.has(name));
  if (absent !== undefined) throw signatureMismatch(`header ${absent} is signed but was not sent`);
  if (!names.includes("host")) throw signatureMismatch("the header host must be signed");
}

/** Steps 4 and 5 of "Create a signed AWS API request": derives a key for the scope and computes the HMAC. */
function isSignatureOf(text: string, { scope, signature }: Authorization, secret: string): boolean {
  const steps = [scope.date, scope.region, scope.service, scope.terminator, text];
  const expected = steps.reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`, "utf8"));
  const given = Buffer.from(signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function hmac(key: Buffer, data: string): Buffer {
  return createHmac("sha256", key).update(data, "utf8").digest();
}

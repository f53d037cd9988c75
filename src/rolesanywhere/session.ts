/** CreateSession: its request, and the session that it answers with. */
import type { RoleSession } from "../aws/credentials.ts";
import { EksX509Error } from "../foundation/errors.ts";
import type { OutgoingRequest } from "../http/exchange.ts";
import { wrongServer } from "../http/faults.ts";
import { isObject, parseJson } from "../foundation/json.ts";
import type { RoleArn, RolesAnywhereArn } from "../aws/arn.ts";
import type { Identity } from "../identity/identity.ts";
import { type UnsignedRequest, amzDate, authorize, canonicalQuery } from "./sigv4-x509.ts";

export interface Session extends RoleSession {
  expiration: Date;
  /** `CN=alice`; empty if Roles Anywhere returns none. */
  sourceIdentity: string;
}

/**
 * @param body the body of the 201 response
 * @param now to refuse a session that has expired
 */
export function parseSession(body: string, now: Date): Session {
  const json = parseJson(body);
  const sets: unknown[] = isObject(json) && Array.isArray(json["credentialSet"]) ? json["credentialSet"] : [];
  const set = sets[0];
  if (!isObject(set) || !isObject(set["credentials"])) throw malformed("credentialSet[0].credentials");
  const { credentials, assumedRoleUser } = set;
  const session: Session = {
    credentials: {
      accessKeyId: text(credentials, "accessKeyId", /^[A-Z0-9]{16,128}$/),
      secretAccessKey: text(credentials, "secretAccessKey", /^[\x21-\x7e]+$/),
      sessionToken: text(credentials, "sessionToken", /^[\x21-\x7e]+$/),
    },
    expiration: new Date(
      text(credentials, "expiration", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/),
    ),
    assumedRoleArn: isObject(assumedRoleUser) ? text(assumedRoleUser, "arn", /^arn:[\x21-\x7e]+$/) : "",
    sourceIdentity: typeof set["sourceIdentity"] === "string" ? set["sourceIdentity"] : "",
  };
  return unexpired(session, now);
}

function text(object: Record<string, unknown>, field: string, form: RegExp): string {
  const value = object[field];
  if (typeof value === "string" && form.test(value)) return value;
  throw malformed(field);
}

function unexpired(session: Session, now: Date): Session {
  if (Number.isNaN(session.expiration.getTime())) throw malformed("expiration");
  if (session.expiration > now) return session;
  throw new EksX509Error({
    category: "network",
    hop: "session",
    code: "SESSION_EXPIRED",
    message: `Roles Anywhere returned a session that expired at ${session.expiration.toISOString()}, according to this machine's clock`,
    hint: "Check this machine's clock.",
  });
}

/** Names only the field, because the response can contain a secret. */
function malformed(field: string): EksX509Error {
  return new EksX509Error({
    category: "network",
    hop: "session",
    code: "SESSION_MALFORMED",
    message: `Roles Anywhere's answer is not a session: ${field} is missing or malformed`,
    hint: wrongServer("Roles Anywhere"),
  });
}

export interface SessionParameters {
  trustAnchor: RolesAnywhereArn;
  profile: RolesAnywhereArn;
  role: RoleArn;
  /** 900 to 43200. */
  durationSeconds: number;
  roleSessionName: string | undefined;
}

export interface SignedRequest extends OutgoingRequest {
  /** The signature in the Authorization header. An answer that repeats it is not printed. */
  signature: string;
}

/** @param endpoint its host is signed. The scope always has the trust anchor's region. */
export async function createSessionRequest(
  { trustAnchor, profile, role, durationSeconds, roleSessionName }: SessionParameters,
  { leaf, chain, signer }: Identity,
  endpoint: URL,
  now: Date,
): Promise<SignedRequest> {
  const unsigned: UnsignedRequest = {
    method: "POST",
    path: "/sessions",
    query: [
      ["profileArn", profile.text],
      ["roleArn", role.text],
      ["trustAnchorArn", trustAnchor.text],
    ],
    headers: {
      "content-type": "application/json",
      host: endpoint.host,
      "x-amz-date": amzDate(now),
      "x-amz-x509": leaf.der.toString("base64"),
      ...(chain.length > 0 && {
        "x-amz-x509-chain": chain.map(({ der }) => der.toString("base64")).join(","),
      }),
    },
    body: JSON.stringify({ durationSeconds, ...(roleSessionName !== undefined && { roleSessionName }) }),
  };
  const { header: authorization, signature } = await authorize(unsigned, {
    signer,
    serial: leaf.serial,
    region: trustAnchor.region.name,
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

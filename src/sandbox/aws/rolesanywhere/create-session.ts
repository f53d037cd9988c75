/** IAM Roles Anywhere CreateSession: exchanges a certificate's signature for temporary credentials of a role. */
import { Refusal, json } from "../refusal.ts";
import { createHash } from "node:crypto";
import { parseCertificate, readCertificates, type Certificate } from "../../../identity/certificate.ts";
import type { Handler, OnEvent, WireRequest, WireResponse } from "../../wire.ts";
import { type Account, parseArn } from "../account.ts";
import { assumeRole } from "./assume-role.ts";
import { type CreateSessionInput, readInput } from "./create-session-input.ts";
import { accessDenied, invalidSignature, untrustedCertificate } from "./create-session-refusals.ts";
import { checkTrust } from "./trust.ts";
import type { Session, Sessions } from "../sessions.ts";
import { createSessionRecord, type OnRecord } from "../trail.ts";
import { type X509Caller, authenticateX509 } from "../signature/x509-authentication.ts";

export interface RolesAnywhereOptions {
  account: Account;
  sessions: Sessions;
  now: () => Date;
  onEvent: OnEvent;
  onRecord?: OnRecord | undefined;
}

/** Answers `POST /sessions`: 201, or AccessDeniedException (403) or ValidationException (400). */
export function createCreateSession(options: RolesAnywhereOptions): Handler {
  return (request) => {
    const event = { hop: "rolesanywhere", what: `${request.method} ${request.path}` } as const;
    try {
      const answer = createSession(request, options);
      const { session, leaf } = answer;
      const who = `${leaf.subject} as ${session.arn}`;
      options.onEvent({ ...event, verdict: "accepted", who, why: "" });
      return Promise.resolve(created(answer));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const why = error.why === error.message ? error.message : `${error.message} (${error.why})`;
      options.onEvent({ ...event, verdict: "refused", who: claimedSubject(request), why });
      return Promise.resolve(refused(error));
    }
  };
}

interface Created {
  session: Session;
  caller: X509Caller;
  leaf: Certificate;
  input: CreateSessionInput;
  subjectArn: string;
}

function createSession(request: WireRequest, options: RolesAnywhereOptions): Created {
  const { account, sessions, now } = options;
  if (request.method !== "POST" || request.path !== "/sessions") {
    throw new Refusal({ status: 404, code: "UnknownOperationException", message: "Unknown operation" });
  }
  const at = now();
  const caller = authenticateX509(request, at);
  const input = readInput(request);
  checkRegions(input, caller.region);
  const [leaf, ...intermediates] = [caller.leaf, ...caller.intermediates].map(({ raw }) => certificate(raw));
  if (!leaf) throw untrustedCertificate("no certificate");
  checkTrust({ leaf, intermediates, anchors: anchorsOf(account, input), at });
  const session = sessions.issue(assumeRole({ account, input, leaf, now: at }));
  const subjectArn = `arn:${account.partition}:rolesanywhere:${caller.region}:${account.id}:${subjectResource(leaf)}`;
  const made = { session, caller, leaf, input, subjectArn };
  options.onRecord?.(createSessionRecord({ ...made, request }, at));
  return made;
}

/** The endpoint of its own region serves a trust anchor and its profiles. */
function checkRegions({ trustAnchorArn, profileArn }: CreateSessionInput, region: string): void {
  if (parseArn(trustAnchorArn)?.region !== region) {
    throw invalidSignature(
      `the credential scope names ${region}, and the trust anchor's ARN names another region`,
    );
  }
  if (parseArn(profileArn)?.region !== region) {
    throw accessDenied(
      "Invalid or empty profile provided.",
      "the profile's region differs from the trust anchor's",
    );
  }
}

function anchorsOf(account: Account, { trustAnchorArn }: CreateSessionInput): Certificate[] {
  const anchor = account.trustAnchors.find(({ arn }) => arn === trustAnchorArn);
  if (anchor === undefined) throw accessDenied("Specified Trust Anchor wasn't found.");
  return readCertificates({ name: anchor.arn, bytes: Buffer.from(anchor.certificates) });
}

function certificate(der: Buffer): Certificate {
  try {
    return parseCertificate("X-Amz-X509", der);
  } catch {
    throw untrustedCertificate("a certificate that RFC 5280 does not know");
  }
}

/** The resource `subject/<uuid>`: the same for the same subject and issuer, renewed certificates included. */
function subjectResource({ subject, issuer }: Certificate): string {
  const digest = createHash("sha256").update(`${issuer}\n\n${subject}`).digest("hex");
  const [, ...groups] = /^(.{8})(.{4})(.{4})(.{4})(.{12})/.exec(digest) ?? [];
  return `subject/${groups.join("-")}`;
}

function created({ session, input: { roleArn }, subjectArn }: Created): WireResponse {
  const { accessKeyId, secretAccessKey, sessionToken, arn, userId, sourceIdentity } = session;
  const expiration = session.expiration.toISOString().replace(/\.\d{3}Z$/, "Z");
  const credentialSet = [
    {
      assumedRoleUser: { arn, assumedRoleId: userId },
      credentials: { accessKeyId, secretAccessKey, sessionToken, expiration },
      // Per cent of the limit for tags and policies; roughly what AWS returns for one certificate.
      packedPolicySize: 10,
      roleArn,
      sourceIdentity,
    },
  ];
  return json(201, { credentialSet, subjectArn });
}

function refused({ status, code, message }: Refusal): WireResponse {
  return json(status, { message }, { "x-amzn-errortype": code });
}

/** For the log: the sender that the request claims, true or not. */
function claimedSubject({ headers }: WireRequest): string {
  try {
    return parseCertificate("X-Amz-X509", Buffer.from(headers.get("x-amz-x509") ?? "", "base64")).subject;
  } catch {
    return "";
  }
}

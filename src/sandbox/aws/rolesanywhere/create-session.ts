/** IAM Roles Anywhere CreateSession: exchanges a certificate's signature for temporary credentials of a role. */
import { Refusal, json } from "../refusal.ts";
import { createHash } from "node:crypto";
import { parseCertificate, readCertificates, type Certificate } from "../../../identity/certificate.ts";
import type { Handler, WireRequest, WireResponse } from "../../wire.ts";
import type { Account } from "../account.ts";
import { parseArn } from "../arn.ts";
import { revocationIn } from "../../../identity/fitness/crl.ts";
import { noteSubject } from "./administration/subjects.ts";
import { assumeRole, checkTrust } from "./assume-role.ts";
import {
  type CreateSessionInput,
  accessDenied,
  invalidSignature,
  readInput,
  untrustedCertificate,
} from "./create-session-input.ts";
import { type Service, type ServiceOptions, serviceHandler } from "../service.ts";
import { createSessionRecord, sessionElements, type CreatedSession } from "../trail.ts";
import { authenticateX509 } from "../signature/x509-authentication.ts";

export interface SessionOptions extends ServiceOptions {
  account: Account;
}

/** Answers `POST /sessions`: 201, or AccessDeniedException (403) or ValidationException (400). */
export function createCreateSession(options: SessionOptions): Handler {
  const service: Service = {
    event: ({ method, path }) => ({ hop: "rolesanywhere", what: `${method} ${path}` }),
    accept: (request) => {
      const answer = createSession(request, options);
      return { who: `${answer.leaf.subject} as ${answer.session.arn}`, response: created(answer) };
    },
    refuse: ({ status, code, message, why }, request) => ({
      who: claimedSubject(request),
      why: why === message ? message : `${message} (${why})`,
      response: json(status, { message }, { "x-amzn-errortype": code }),
    }),
  };
  return serviceHandler(service, options.onEvent);
}

type Created = Omit<CreatedSession, "request"> & { leaf: Certificate };

function createSession(request: WireRequest, options: SessionOptions): Created {
  const { account, sessions, now } = options;
  if (request.method !== "POST" || request.path !== "/sessions") {
    throw new Refusal(404, "UnknownOperationException", "Unknown operation");
  }
  const at = now();
  const caller = authenticateX509(request, at);
  const input = readInput(request);
  checkRegions(input, caller.region);
  const leaf = certificate(caller.leaf.raw);
  const intermediates = caller.intermediates.map(({ raw }) => certificate(raw));
  checkTrust({ leaf, intermediates, anchors: anchorsOf(account, input), at });
  checkRevocation(account, input, [leaf, ...intermediates]);
  const session = sessions.issue(assumeRole({ account, input, leaf, now: at }));
  const subjectArn = `arn:${account.partition}:rolesanywhere:${caller.region}:${account.id}:${subjectResource(leaf)}`;
  noteSubject(account.subjects, {
    arn: subjectArn,
    x509Subject: leaf.subject,
    serialNumber: caller.leaf.serialNumber,
    issuer: leaf.issuer,
    certificate: caller.leaf.toString(),
    seenAt: at,
    failed: false,
  });
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
  if (!anchor.enabled)
    throw accessDenied("Specified Trust Anchor wasn't found.", "the trust anchor is disabled");
  return readCertificates({ name: anchor.arn, bytes: Buffer.from(anchor.certificates) });
}

/** Roles Anywhere user guide, "Revocation": by the lists that were imported for the trust anchor. */
function checkRevocation(
  { crls }: Account,
  { trustAnchorArn }: CreateSessionInput,
  path: Certificate[],
): void {
  const imported = crls.filter((crl) => crl.enabled && crl.trustAnchorArn === trustAnchorArn);
  const revocation = revocationIn(
    path,
    imported.flatMap(({ lists }) => lists),
  );
  if (revocation)
    throw untrustedCertificate(`a CRL of the trust anchor revokes ${revocation.certificate.subject}`);
}

function certificate(der: Buffer): Certificate {
  try {
    return parseCertificate("X-Amz-X509", der);
  } catch {
    throw untrustedCertificate("a certificate is not in the form of RFC 5280");
  }
}

/** The resource `subject/<uuid>`: the same for the same subject and issuer, renewed certificates included. */
function subjectResource({ subject, issuer }: Certificate): string {
  const digest = createHash("sha256").update(`${issuer}\n\n${subject}`).digest("hex");
  const [, ...groups] = /^(.{8})(.{4})(.{4})(.{4})(.{12})/.exec(digest) ?? [];
  return `subject/${groups.join("-")}`;
}

/** Per cent of the limit for tags and policies; roughly what AWS returns for one certificate. */
const packedPolicySize = 10;

function created(answer: Created): WireResponse {
  const { secretAccessKey, sessionToken } = answer.session;
  return json(201, sessionElements(answer, { secretAccessKey, sessionToken }, packedPolicySize));
}

/** For the log: the sender that the request claims, true or not. */
function claimedSubject({ headers }: WireRequest): string {
  try {
    return parseCertificate("X-Amz-X509", Buffer.from(headers.get("x-amz-x509") ?? "", "base64")).subject;
  } catch {
    return "";
  }
}

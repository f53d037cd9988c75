/**
 * The records that CloudTrail would write of the calls that create and use a session: userIdentity, requestParameters,
 * responseElements. It has accepted calls, not refused ones, and no secret key or session token.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 * https://docs.aws.amazon.com/rolesanywhere/latest/userguide/logging-using-cloudtrail.html
 */
import { randomUUID } from "node:crypto";
import { wholeSeconds } from "../../foundation/duration.ts";
import type { AssumeRoleInput } from "./sts/assume-role-input.ts";
import type { CreateSessionInput } from "./rolesanywhere/create-session-input.ts";
import type { Session } from "./sessions.ts";
import type { X509Caller } from "./signature/x509-authentication.ts";
import { isJsonObject, isList, type JsonObject } from "../json-value.ts";
import type { WireRequest } from "../wire.ts";

export type OnRecord = (record: TrailRecord) => void;

export type TrailRecord = ReturnType<
  typeof createSessionRecord | typeof getCallerIdentityRecord | typeof assumeRoleRecord | typeof apiCallRecord
>;

export interface CreatedSession {
  request: WireRequest;
  caller: X509Caller;
  input: CreateSessionInput;
  session: Session;
  subjectArn: string;
}

/** The caller has no AWS credentials yet. The certificate identifies it and is recorded completely. */
export function createSessionRecord(created: CreatedSession, at: Date) {
  const { request, caller, input, session } = created;
  return {
    ...members(request, at),
    // AWS does not document this value for this call.
    userIdentity: { type: "Unknown", accountId: session.accountId },
    eventSource: "rolesanywhere.amazonaws.com",
    eventName: "CreateSession",
    awsRegion: caller.region,
    requestParameters: { cert: caller.leaf.raw.toString("base64"), ...input },
    responseElements: sessionElements(created, { secretAccessKey: hidden, sessionToken: hidden }),
    readOnly: false,
    recipientAccountId: session.accountId,
  };
}

const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";

/** The answer of CreateSession, which the record contains without its secrets. */
export function sessionElements(
  { session, subjectArn, input: { roleArn } }: Pick<CreatedSession, "session" | "subjectArn" | "input">,
  keys: Pick<Session, "secretAccessKey" | "sessionToken">,
  packedPolicySize?: number,
) {
  const { accessKeyId, arn, userId, sourceIdentity, expiration } = session;
  const credentials = { accessKeyId, ...keys, expiration: wholeSeconds(expiration) };
  const assumedRoleUser = { arn, assumedRoleId: userId };
  const created = { assumedRoleUser, credentials, packedPolicySize, roleArn, sourceIdentity };
  return { credentialSet: [created], subjectArn };
}

/** The identity is the session's owner, although the cluster's authenticator sends the request. */
export function getCallerIdentityRecord(
  request: WireRequest,
  { session, region }: { session: Session; region: string },
  at: Date,
) {
  return {
    ...members(request, at),
    userIdentity: assumedRole(session),
    eventSource: "sts.amazonaws.com",
    eventName: "GetCallerIdentity",
    awsRegion: region,
    requestParameters: null,
    responseElements: null,
    readOnly: true,
    recipientAccountId: session.accountId,
  };
}

export interface AssumedRole {
  request: WireRequest;
  caller: Session;
  region: string;
  input: AssumeRoleInput;
  session: Session;
}

/** In the account of the role. AWS writes a second record, with the same sharedEventID, into that of the caller. */
export function assumeRoleRecord({ request, caller, region, input, session }: AssumedRole, at: Date) {
  const { accessKeyId, arn, userId, sourceIdentity, expiration, accountId } = session;
  return {
    ...members(request, at),
    userIdentity: identityOf(caller),
    eventSource: "sts.amazonaws.com",
    eventName: "AssumeRole",
    awsRegion: region,
    requestParameters: { ...input, sourceIdentity },
    responseElements: {
      credentials: { accessKeyId, sessionToken: hidden, expiration: wholeSeconds(expiration) },
      assumedRoleUser: { assumedRoleId: userId, arn },
      sourceIdentity,
    },
    readOnly: true,
    resources: [{ accountId, type: "AWS::IAM::Role", ARN: input.roleArn }],
    recipientAccountId: accountId,
    sharedEventID: randomUUID(),
  };
}

/** A call of an administrator, or of a session that reads. The answer of a call that only reads is not recorded. */
export function apiCallRecord(request: WireRequest, call: ApiCall) {
  const { service, operation, input, output, caller, region, at } = call;
  const readOnly = /^(Get|List|Describe)/.test(operation);
  return {
    ...members(request, at),
    userIdentity: identityOf(caller),
    eventSource: `${service}.amazonaws.com`,
    eventName: operation,
    // IAM is a global service, whose records are in us-east-1.
    awsRegion: service === "iam" ? "us-east-1" : region,
    requestParameters: recorded(service, input),
    responseElements: readOnly ? null : recorded(service, output),
    readOnly,
    recipientAccountId: caller.accountId,
  };
}

function recorded(service: string, members: JsonObject): JsonObject | null {
  if (Object.keys(members).length === 0) return null;
  return service === "iam" || service === "acm-pca" ? inCamelCase(members) : members;
}

/** As CloudTrail writes the members of these two APIs, which begin with a capital letter. */
function inCamelCase(members: JsonObject): JsonObject {
  const value = (each: unknown): unknown => {
    if (isList(each)) return each.map(value);
    return isJsonObject(each) ? inCamelCase(each) : each;
  };
  return Object.fromEntries(
    Object.entries(members).map(([name, each]) => [
      name.charAt(0).toLowerCase() + name.slice(1),
      value(each),
    ]),
  );
}

export interface ApiCall {
  service: string;
  operation: string;
  input: JsonObject;
  output: JsonObject;
  caller: Session;
  region: string;
  at: Date;
}

function user({ userId, arn, accountId, accessKeyId }: Session) {
  const userName = arn.split("/").at(-1);
  return { type: "IAMUser", principalId: userId, arn, accountId, accessKeyId, userName };
}

function identityOf(caller: Session) {
  return caller.roleArn === undefined ? user(caller) : assumedRole(caller);
}

function assumedRole({ userId, arn, accountId, accessKeyId, sourceIdentity, createdAt, roleArn }: Session) {
  const [principalId] = userId.split(":");
  const userName = roleArn?.split("/").at(-1);
  return {
    type: "AssumedRole",
    principalId: userId,
    arn,
    accountId,
    accessKeyId,
    sessionContext: {
      sessionIssuer: { type: "Role", principalId, arn: roleArn, accountId, userName },
      attributes: { creationDate: createdAt && wholeSeconds(createdAt), mfaAuthenticated: "false" },
      sourceIdentity,
    },
  };
}

function members({ headers }: WireRequest, at: Date) {
  return {
    eventVersion: "1.11",
    eventTime: wholeSeconds(at),
    // Every client of the sandbox is on the same machine.
    sourceIPAddress: "127.0.0.1",
    userAgent: headers.get("user-agent") ?? "",
    requestID: randomUUID(),
    eventID: randomUUID(),
    eventType: "AwsApiCall",
    managementEvent: true,
    eventCategory: "Management",
  } as const;
}

export const trailName = "cloudtrail.jsonl";

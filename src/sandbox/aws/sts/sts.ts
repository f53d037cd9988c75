/**
 * STS: GetCallerIdentity returns the identity whose credentials signed the call, which is what an EKS token is; AssumeRole
 * gives a session of another role.
 */
import { randomUUID } from "node:crypto";
import { wholeSeconds } from "../../../foundation/duration.ts";
import type { Handler, WireRequest, WireResponse } from "../../wire.ts";
import type { Account } from "../account.ts";
import { Refusal, json } from "../refusal.ts";
import { type Service, type ServiceOptions, serviceHandler } from "../service.ts";
import type { Session } from "../sessions.ts";
import { authenticateHmac } from "../signature/hmac-authentication.ts";
import { type Parameter, parameter, parseParameters } from "../signature/parameters.ts";
import { malformedQuery } from "../signature/received-signature.ts";
import { assumeRoleRecord, getCallerIdentityRecord } from "../trail.ts";
import { type XmlContent, xml } from "../api/xml.ts";
import { assumedSession } from "./assume-role.ts";
import { readAssumeRole } from "./assume-role-input.ts";

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

export type StsOptions = ServiceOptions & { account?: Pick<Account, "roles" | "otherRoles"> };

/** Answers presigned GETs, header-signed GETs, and header-signed POSTs with the action in a form. */
export function createSts(options: StsOptions): Handler {
  const { sessions, now, onEvent } = options;
  const service: Service = {
    event: (request) => ({ hop: "sts", what: isAssumeRole(request) ? "AssumeRole" : "GetCallerIdentity" }),
    accept: (request) => {
      const at = now();
      const caller = authenticateHmac({ request, service: "sts", sessions, now: at });
      const parameters = parametersOf(request);
      if (actionOf(parameters) === "AssumeRole")
        return assumeRole(request, { ...caller, parameters, at }, options);
      options.onRecord?.(getCallerIdentityRecord(request, caller, at));
      return { who: caller.session.arn, response: identityOf(caller.session, request) };
    },
    refuse: (refusal, request) => ({
      who: "",
      why: `${refusal.code}: ${refusal.why}`,
      response: refusalOf(refusal, request),
    }),
  };
  return serviceHandler(service, onEvent);
}

function parametersOf({ rawQuery, headers, body }: WireRequest): readonly Parameter[] {
  const isForm = headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") === true;
  const parameters = [rawQuery, ...(isForm ? [body.toString("utf8")] : [])].map(parseParameters);
  if (parameters.includes(undefined)) throw malformedQuery();
  return parameters.flatMap((each) => each ?? []);
}

function isAssumeRole(request: WireRequest): boolean {
  try {
    return actionOf(parametersOf(request)) === "AssumeRole";
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** Version is not required: the measured verifier and STS do not require it. */
function actionOf(parameters: readonly Parameter[]): "GetCallerIdentity" | "AssumeRole" {
  const action = parameter(parameters, "Action");
  if (action === "GetCallerIdentity" || action === "AssumeRole") return action;
  const [code, message] =
    action === undefined
      ? ["MissingAction", "The request is missing an action."]
      : ["InvalidAction", "Could not find operation for this version."];
  throw new Refusal(400, code, message);
}

interface Asked {
  session: Session;
  region: string;
  parameters: readonly Parameter[];
  at: Date;
}

function assumeRole(
  request: WireRequest,
  { session: caller, region, parameters, at }: Asked,
  { account, sessions, onRecord }: StsOptions,
): { who: string; response: WireResponse } {
  const input = readAssumeRole(parameters);
  const roles = account ? [...account.roles, ...account.otherRoles] : [];
  const session = sessions.issue(assumedSession(input, { roles, caller, region, at }));
  onRecord?.(assumeRoleRecord({ request, caller, region, input, session }, at));
  return { who: `${caller.arn} as ${session.arn}`, response: assumed(session, request) };
}

function assumed(session: Session, request: WireRequest): WireResponse {
  const { accessKeyId, secretAccessKey, sessionToken, expiration, arn, userId, sourceIdentity } = session;
  const isJson = acceptsJson(request);
  const AssumeRoleResult = {
    ...(sourceIdentity !== "" && { SourceIdentity: sourceIdentity }),
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      // JSON of the query protocol has times in seconds.
      Expiration: isJson ? Math.floor(expiration.getTime() / 1000) : wholeSeconds(expiration),
    },
  };
  return answer("AssumeRole", AssumeRoleResult, isJson);
}

function identityOf({ arn, accountId, userId }: Session, request: WireRequest): WireResponse {
  return answer("GetCallerIdentity", { Account: accountId, Arn: arn, UserId: userId }, acceptsJson(request));
}

function answer(action: string, result: XmlContent, isJson: boolean): WireResponse {
  const content = { [`${action}Result`]: result, ResponseMetadata: { RequestId: randomUUID() } };
  return isJson
    ? json(200, { [`${action}Response`]: content })
    : xml(200, `${action}Response`, namespace, content);
}

function refusalOf({ status, code, message }: Refusal, request: WireRequest): WireResponse {
  // The element order of STS's XML errors.
  const content = { Error: { Type: "Sender", Code: code, Message: message }, RequestId: randomUUID() };
  return acceptsJson(request) ? json(status, content) : xml(status, "ErrorResponse", namespace, content);
}

function acceptsJson({ headers }: WireRequest): boolean {
  return headers.get("accept")?.includes("application/json") === true;
}

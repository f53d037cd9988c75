/** STS GetCallerIdentity: returns the identity whose credentials signed the call. An EKS token is such a call. */
import { randomUUID } from "node:crypto";
import type { Handler, WireRequest, WireResponse } from "../wire.ts";
import { authenticateHmac } from "./signature/hmac-authentication.ts";
import { parameter, parseParameters } from "./signature/parameters.ts";
import { Refusal, json } from "./refusal.ts";
import { type Service, type ServiceOptions, serviceHandler } from "./service.ts";
import type { Session } from "./sessions.ts";
import { malformedQuery } from "./signature/received-signature.ts";
import { getCallerIdentityRecord } from "./trail.ts";
import { xml } from "./xml.ts";

const stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";

/** Answers presigned GETs, header-signed GETs, and header-signed POSTs with the action in a form. */
export function createGetCallerIdentity(options: ServiceOptions): Handler {
  const { sessions, now, onEvent, onRecord } = options;
  const service: Service = {
    event: () => ({ hop: "sts", what: "GetCallerIdentity" }),
    accept: (request) => {
      const at = now();
      const caller = authenticateHmac({ request, service: "sts", sessions, now: at });
      checkAction(request);
      onRecord?.(getCallerIdentityRecord(request, caller, at));
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

/** Version is not required: the measured verifier and STS do not require it. */
function checkAction({ rawQuery, headers, body }: WireRequest): void {
  const isForm = headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") === true;
  const parameters = [rawQuery, ...(isForm ? [body.toString("utf8")] : [])].map(parseParameters);
  if (parameters.includes(undefined)) throw malformedQuery();
  const action = parameter(
    parameters.flatMap((each) => each ?? []),
    "Action",
  );
  if (action === "GetCallerIdentity") return;
  const [code, message] =
    action === undefined
      ? ["MissingAction", "The request is missing an action."]
      : ["InvalidAction", "Could not find operation for this version."];
  throw new Refusal(400, code, message);
}

function identityOf({ arn, accountId, userId }: Session, request: WireRequest): WireResponse {
  const GetCallerIdentityResult = { Account: accountId, Arn: arn, UserId: userId };
  const content = { GetCallerIdentityResult, ResponseMetadata: { RequestId: randomUUID() } };
  return acceptsJson(request)
    ? json(200, { GetCallerIdentityResponse: content })
    : xml(200, "GetCallerIdentityResponse", stsNamespace, content);
}

function refusalOf({ status, code, message }: Refusal, request: WireRequest): WireResponse {
  // The element order of STS's XML errors.
  const content = { Error: { Type: "Sender", Code: code, Message: message }, RequestId: randomUUID() };
  return acceptsJson(request) ? json(status, content) : xml(status, "ErrorResponse", stsNamespace, content);
}

function acceptsJson({ headers }: WireRequest): boolean {
  return headers.get("accept")?.includes("application/json") === true;
}

/** STS GetCallerIdentity: returns the identity whose credentials signed the call. An EKS token is such a call. */
import { randomUUID } from "node:crypto";
import type { Handler, OnEvent, WireRequest, WireResponse } from "../wire.ts";
import { authenticateHmac } from "./signature/hmac-authentication.ts";
import { parameter, parseParameters } from "./signature/parameters.ts";
import { Refusal } from "./refusal.ts";
import type { Session, Sessions } from "./sessions.ts";
import { malformedQuery } from "./signature/received-signature.ts";
import { getCallerIdentityRecord, type OnRecord } from "./trail.ts";

export interface StsOptions {
  sessions: Sessions;
  now: () => Date;
  onEvent: OnEvent;
  onRecord?: OnRecord | undefined;
}

/** Answers presigned GETs, header-signed GETs, and header-signed POSTs with the action in a form. */
export function createGetCallerIdentity({ sessions, now, onEvent, onRecord }: StsOptions): Handler {
  return (request) => {
    const asJson = request.headers.get("accept")?.includes("application/json") === true;
    const event = { hop: "sts", what: "GetCallerIdentity" } as const;
    try {
      const at = now();
      const caller = authenticateHmac({ request, service: "sts", sessions, now: at });
      const { session } = caller;
      checkAction(request);
      onRecord?.(getCallerIdentityRecord(request, caller, at));
      onEvent({ ...event, verdict: "accepted", who: session.arn, why: "" });
      return Promise.resolve(identityOf(session, asJson));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      onEvent({ ...event, verdict: "refused", who: "", why: `${error.code}: ${error.why}` });
      return Promise.resolve(refusalOf(error, asJson));
    }
  };
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
  throw action === undefined
    ? new Refusal({ status: 400, code: "MissingAction", message: "The request is missing an action." })
    : new Refusal({
        status: 400,
        code: "InvalidAction",
        message: "Could not find operation for this version.",
      });
}

function identityOf({ arn, accountId, userId }: Session, asJson: boolean): WireResponse {
  const GetCallerIdentityResult = { Account: accountId, Arn: arn, UserId: userId };
  const content = { GetCallerIdentityResult, ResponseMetadata: { RequestId: randomUUID() } };
  return asJson
    ? json(200, { GetCallerIdentityResponse: content })
    : xml(200, "GetCallerIdentityResponse", content);
}

function refusalOf({ status, code, message }: Refusal, asJson: boolean): WireResponse {
  const content = { Error: { Code: code, Message: message, Type: "Sender" }, RequestId: randomUUID() };
  const { Type, Code, Message } = content.Error;
  // The element order of STS's XML errors is Type, Code, Message.
  return asJson
    ? json(status, content)
    : xml(status, "ErrorResponse", { Error: { Type, Code, Message }, RequestId: content.RequestId });
}

interface XmlContent {
  readonly [name: string]: string | XmlContent;
}

function json(status: number, content: unknown): WireResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(content) };
}

function xml(status: number, root: string, content: XmlContent): WireResponse {
  const open = `<${root} xmlns="https://sts.amazonaws.com/doc/2011-06-15/">`;
  const body = `${open}${elements(content)}</${root}>\n`;
  return { status, headers: { "content-type": "text/xml" }, body };
}

function elements(content: XmlContent): string {
  return Object.entries(content)
    .map(
      ([name, value]) => `<${name}>${typeof value === "string" ? escaped(value) : elements(value)}</${name}>`,
    )
    .join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** One endpoint for all three AWS services, for `AWS_ENDPOINT_URL`. */
import type { Handler, OnEvent, WireRequest } from "../wire.ts";
import type { Account } from "./account.ts";
import { createCreateSession } from "./rolesanywhere/create-session.ts";
import { createEks } from "./eks.ts";
import { createGetCallerIdentity } from "./get-caller-identity.ts";
import type { Sessions } from "./sessions.ts";
import type { OnRecord } from "./trail.ts";

export interface AwsEndpointOptions {
  account: Account;
  sessions: Sessions;
  now: () => Date;
  onEvent: OnEvent;
  /** Called for the account's trail. */
  onRecord?: OnRecord | undefined;
}

/** Routes by path: `/sessions` to Roles Anywhere, `/clusters…` to EKS, `/` to STS. */
export function createAwsEndpoint(options: AwsEndpointOptions): Handler {
  const createSession = createCreateSession(options);
  const eks = createEks(options);
  const getCallerIdentity = createGetCallerIdentity(options);
  return (request: WireRequest) => {
    if (request.path === "/") return getCallerIdentity(request);
    const isEks = request.path === "/clusters" || request.path.startsWith("/clusters/");
    return isEks ? eks(request) : createSession(request);
  };
}

/** One AWS endpoint for all three services, as `AWS_ENDPOINT_URL` expects it. */
import type { Handler, OnEvent, WireRequest } from "../wire.ts";
import type { Account } from "./account.ts";
import { createCreateSession } from "./create-session.ts";
import { createDescribeCluster } from "./describe-cluster.ts";
import { createGetCallerIdentity } from "./get-caller-identity.ts";
import type { Sessions } from "./sessions.ts";

export interface AwsEndpointOptions {
  account: Account;
  sessions: Sessions;
  now: () => Date;
  onEvent: OnEvent;
}

/** Routes by path: `/sessions` is Roles Anywhere, `/clusters…` EKS, and `/`, told apart by Action, STS. */
export function createAwsEndpoint(options: AwsEndpointOptions): Handler {
  const createSession = createCreateSession(options);
  const describeCluster = createDescribeCluster(options);
  const getCallerIdentity = createGetCallerIdentity(options);
  return (request: WireRequest) => {
    if (request.path === "/") return getCallerIdentity(request);
    const isEks = request.path === "/clusters" || request.path.startsWith("/clusters/");
    return isEks ? describeCluster(request) : createSession(request);
  };
}

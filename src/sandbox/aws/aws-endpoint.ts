/** One endpoint for all three AWS services, for `AWS_ENDPOINT_URL`. */
import type { Handler } from "../wire.ts";
import { createCreateSession } from "./rolesanywhere/create-session.ts";
import { createEks } from "./eks.ts";
import { createSts } from "./sts/sts.ts";
import type { ServiceOptions } from "./service.ts";

/** Routes by path: `/sessions` to Roles Anywhere, `/clusters…` to EKS, `/` to STS. */
export function createAwsEndpoint(options: ServiceOptions): Handler {
  const createSession = createCreateSession(options);
  const eks = createEks(options);
  const sts = createSts(options);
  return (request) => {
    if (request.path === "/") return sts(request);
    return /^\/clusters(\/|$)/.test(request.path) ? eks(request) : createSession(request);
  };
}

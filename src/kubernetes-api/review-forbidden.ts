/** A caller who may not even ask about himself. */
import { EksX509Error } from "../foundation/errors.ts";
import type { Answer } from "../http/exchange.ts";
import { statusMessage } from "./answer-failure.ts";
import type { ApiAccess } from "./api-server.ts";
import { impersonationForbidden } from "./impersonation.ts";

export function reviewForbidden(answer: Answer, access: ApiAccess): EksX509Error {
  const impersonation = impersonationForbidden(answer, access);
  if (impersonation) return impersonation;
  const words = statusMessage(answer, access);
  return new EksX509Error({
    category: "refused",
    hop: "authorization",
    code: "API_REVIEW_FORBIDDEN",
    message: `the API server (${access.server.url.host}) does not let the caller ask about himself${words && `: ${words}`}`,
    hint: "The ClusterRoleBinding system:basic-user, which lets everybody who is signed in do so, has been removed or changed; or the request was anonymous.",
  });
}

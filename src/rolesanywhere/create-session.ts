/** CreateSession: the only network call of a sign-in. */
import type { EksX509Error } from "../foundation/errors.ts";
import type { Http } from "../http/client.ts";
import { isAboutValidity } from "../identity/fitness/finding.ts";
import type { Identity } from "../identity/identity.ts";
import { type Session, type SessionParameters, createSessionRequest, parseSession } from "./session.ts";
import { isRefusal, isThrottling, unexpected } from "../aws/json-errors.ts";
import { refusal } from "./refusal.ts";

/**
 * @param identity called for each attempt, while the connection is made
 * @param endpoint the endpoint of Roles Anywhere in the trust anchor's region, or an override
 */
export async function createSession(
  parameters: SessionParameters,
  identity: () => Promise<Identity>,
  endpoint: URL,
  { http, clock }: { http: Http; clock: () => Date },
): Promise<Session> {
  const signatures: string[] = [];
  const answer = await http({
    hop: "create-session",
    service: "Roles Anywhere",
    endpoint,
    request: async () => {
      const request = await createSessionRequest(parameters, await identity(), endpoint, clock());
      signatures.push(request.signature);
      return request;
    },
    throttles: isThrottling,
  });
  if (answer.status === 201) return parseSession(answer.body, clock());
  if (isRefusal(answer)) throw explained(refusal(answer, parameters, clock(), signatures), await identity());
  throw unexpected(answer, "Roles Anywhere", endpoint, signatures);
}

/** Roles Anywhere gives no reason if it refuses a certificate. */
function explained(error: EksX509Error, identity: Identity): EksX509Error {
  if (error.code !== "REFUSED_UNTRUSTED_CERTIFICATE") return error;
  return withValidity(withLeftOut(error, identity), identity);
}

/** A certificate is sent if a clock can explain that it is not valid. */
function withValidity(error: EksX509Error, { warnings }: Identity): EksX509Error {
  const outdated = warnings.find(isAboutValidity);
  if (!outdated) return error;
  return error.withHint(
    `Most likely the reason is that ${outdated.message}. ${outdated.hint} If it is not the reason: ${error.hint}`,
  );
}

/** A path can be missing because a certificate was not sent. */
function withLeftOut(error: EksX509Error, { leftOut }: Identity): EksX509Error {
  if (leftOut.length === 0) return error;
  const named = leftOut.slice(0, 5).map(({ subject, why }) => `${subject || "(empty subject)"} (${why})`);
  const more = leftOut.length > named.length ? `; and ${leftOut.length - named.length} more` : "";
  return error.withHint(
    `${error.hint} These certificates are in the files and were not sent: ${named.join("; ")}${more}.`,
  );
}

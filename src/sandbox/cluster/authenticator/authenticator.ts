/** The EKS authenticator: token, STS, access entries and aws-auth, user. */
import type { OnEvent, UserInfo } from "../../wire.ts";
import { type Identity, type StsAnswer, readIdentity } from "./identity.ts";
import { type KnownPrincipals, userOf } from "./known-principals.ts";
import type { Place } from "./sts-hosts.ts";
import { TokenError } from "./token-error.ts";
import { checkTokenForm } from "./token-form.ts";

export interface AuthenticatorOptions extends Place, KnownPrincipals {
  clusterName: string;
  /** Asks STS with the token's URL and `x-k8s-aws-id: {clusterName}`, for JSON, without following redirects. */
  ask: (url: string, clusterName: string) => Promise<StsAnswer>;
  now: () => Date;
  onEvent: OnEvent;
}

/** `throttled`: STS could not be asked just now; `denied`: anything else that is no user. */
export type Decision = { user: UserInfo } | { user: null; kind: "denied" | "throttled"; why: string };

export interface Authenticator {
  /**
   * Who a token is from.
   * @throws {TokenError} when it is from nobody; its message is the real authenticator's.
   */
  verify(token: string): Promise<Identity>;
  /** Which user a token is, and what happened, in an event. */
  decide(token: string): Promise<Decision>;
  /** The same without the reason. */
  authenticate(token: string): Promise<UserInfo | null>;
}

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const verify = async (token: string): Promise<Identity> => {
    const form = checkTokenForm(token, options, options.now());
    return readIdentity(await askSts(options, form.url, form.region), form);
  };
  const decide = async (token: string): Promise<Decision> => {
    const event = { hop: "authenticator", what: "token" } as const;
    try {
      const identity = await verify(token);
      const mapped = userOf(identity, options);
      if (mapped.user !== null) {
        options.onEvent({
          ...event,
          verdict: "accepted",
          who: `${identity.arn} as ${mapped.user.username}`,
          why: "",
        });
        return mapped;
      }
      options.onEvent({ ...event, verdict: "refused", who: identity.arn, why: mapped.why });
      return { ...mapped, kind: "denied" };
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      options.onEvent({ ...event, verdict: "refused", who: "", why: error.why });
      return { user: null, kind: error.kind === "throttled" ? "throttled" : "denied", why: error.why };
    }
  };
  return { verify, decide, authenticate: async (token) => (await decide(token)).user };
}

async function askSts(
  { ask, clusterName }: AuthenticatorOptions,
  url: string,
  region: string,
): Promise<StsAnswer> {
  try {
    return await ask(url, clusterName);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "no answer";
    throw new TokenError("sts", `error during GET: ${reason} on ${region} endpoint`);
  }
}

/** CreateSession, the clock that it shows, and the session: a new one, whatever the cache holds. */
import { inWords } from "../../foundation/duration.ts";
import type { GetTokenInput } from "../../sign-in/input.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { Http } from "../../http/client.ts";
import type { Identity } from "../../identity/identity.ts";
import { mintToken, type Token } from "../../token/eks-token.ts";
import { createSession } from "../../rolesanywhere/create-session.ts";
import type { Session } from "../../rolesanywhere/session.ts";
import type { Findings } from "../report/findings.ts";
import { moment } from "../report/moment.ts";
import type { Fact } from "../report/report.ts";

interface Ports {
  http: Http;
  clock: () => Date;
}

export async function sessionHops(
  findings: Findings,
  input: GetTokenInput,
  identity: Identity,
  { http, clock }: Ports,
): Promise<Session | undefined> {
  const watch = new ClockWatch(clock);
  try {
    const session = await createSession(input.session, identity, input.endpoint, {
      http: watch.over(http),
      clock,
    });
    watch.report(findings);
    findings.ok("create-session", `Roles Anywhere granted a session`, callFacts(input));
    findings.ok("session", session.assumedRoleArn, sessionFacts(session, clock()));
    return session;
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    reportFailure(findings, input, error, watch);
    return undefined;
  }
}

/** A session may be good, and still too short for a token: that is told of the session. */
export async function mintedToken(
  findings: Findings,
  { token }: GetTokenInput,
  session: Session,
  now: Date,
): Promise<Token | undefined> {
  try {
    return await mintToken(session, token, now);
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    if (error.hop === "session") findings.fail("session", error, sessionFacts(session, now));
    else findings.fail("token", error);
    return undefined;
  }
}

function reportFailure(
  findings: Findings,
  input: GetTokenInput,
  error: EksX509Error,
  watch: ClockWatch,
): void {
  if (error.code === "REFUSED_CLOCK_SKEW") {
    findings.fail("clock", error);
    findings.skip("create-session", "refused, because of the clock", callFacts(input));
    return;
  }
  watch.report(findings);
  if (error.hop !== "session") {
    findings.fail("create-session", error, callFacts(input));
    return;
  }
  findings.ok("create-session", "Roles Anywhere answered", callFacts(input));
  findings.fail("session", error);
}

function callFacts({ endpoint, session }: GetTokenInput): Fact[] {
  return [
    ["endpoint", endpoint.origin],
    ["trust anchor", session.trustAnchor.text],
    ["profile", session.profile.text],
    ["role", session.role.text],
  ];
}

function sessionFacts({ credentials, expiration, sourceIdentity }: Session, now: Date): Fact[] {
  return [
    ["access key id", credentials.accessKeyId],
    ["source identity", sourceIdentity || "none"],
    ["expires", moment(expiration, now)],
  ];
}

/** Beyond this, the user is told; from five minutes on, AWS refuses. */
const noticeableSkew = 60_000;

/** Compares the Date header of each answer with this machine's clock. */
class ClockWatch {
  readonly #clock: () => Date;
  #skew: number | undefined;

  constructor(clock: () => Date) {
    this.#clock = clock;
  }

  over(http: Http): Http {
    return async (call) => {
      const answer = await http(call);
      const skew = this.#clock().getTime() - Date.parse(answer.headers["date"] ?? "");
      if (!Number.isNaN(skew)) this.#skew = skew;
      return answer;
    };
  }

  report(findings: Findings): void {
    const skew = this.#skew;
    if (skew === undefined) return;
    const side = skew > 0 ? "ahead of" : "behind";
    if (Math.abs(skew) < noticeableSkew) {
      findings.ok("clock", "agrees with AWS's within a minute");
      return;
    }
    findings.warn("clock", {
      code: "CLOCK_SKEWED",
      detail: `this machine's clock is ${inWords(skew)} ${side} AWS's`,
      hint: "Set it right: AWS refuses what is signed five minutes off.",
    });
  }
}

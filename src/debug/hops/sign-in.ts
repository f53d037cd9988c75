/** From the certificate to the token: a new session and a new token, whatever the cache holds. */
import { readIdentityFiles } from "../../cache/identity-files.ts";
import { inWords } from "../../foundation/duration.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { Http } from "../../http/client.ts";
import { openSigner, readCertificateFiles, type Identity } from "../../identity/identity.ts";
import {
  certificateFacts,
  chainFacts,
  inspect,
  sessionFacts,
  type Inspection,
} from "../../identity/inspection.ts";
import type { Signer } from "../../identity/signer.ts";
import { createSession } from "../../rolesanywhere/create-session.ts";
import type { Session } from "../../rolesanywhere/session.ts";
import type { GetTokenInput } from "../../sign-in/input.ts";
import { mintToken, type Token } from "../../token/eks-token.ts";
import { timeText, type Findings } from "../report/findings.ts";
import type { Fact } from "../report/report.ts";
import type { World } from "../world.ts";

/** What this run signed in with. */
export interface SignedIn {
  input: GetTokenInput;
  identity: Identity;
  session: Session;
}

export function certificateHop(
  findings: Findings,
  { files: given, session }: GetTokenInput,
  { readFile, signer, clock }: World,
): Promise<Identity | undefined> {
  return findings.on("certificate", async () => {
    const files = await readIdentityFiles(given, { readFile, signer });
    const certificates = readCertificateFiles(files);
    const key = await openSigner(files.signer, certificates);
    const inspection = inspect(certificates, key, clock(), session.roleSessionName);
    const facts = [...inspectionFacts(inspection), keyFact(key)];
    const [problem] = inspection.problems;
    if (problem) {
      findings.fail("certificate", problem, facts);
      return undefined;
    }
    reportSound(findings, inspection, facts);
    return { ...inspection.identity, signer: key };
  });
}

function reportSound(findings: Findings, { view, warnings }: Inspection, facts: readonly Fact[]): void {
  const [first, ...others] = warnings;
  if (!first) {
    findings.ok("certificate", view.subject, facts);
    return;
  }
  const also = others.map(({ message, code }): Fact => ["also", `${message} (${code})`]);
  findings.warn("certificate", { ...first, detail: `${view.subject}: ${first.message}` }, [
    ...facts,
    ...also,
  ]);
}

function inspectionFacts(inspection: Inspection): Fact[] {
  return [
    ...certificateFacts(inspection.view),
    ...chainFacts(inspection),
    ...sessionFacts(inspection.session),
  ];
}

function keyFact({ description, warnings }: Signer): Fact {
  return ["private key", [description, ...warnings].join("; ")];
}

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
    findings.ok("session", session.assumedRoleArn, grantFacts(session, clock()));
    return session;
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    reportFailure(findings, input, error, watch);
    return undefined;
  }
}

/** A session that is too short for a token fails at the session's hop. */
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
    if (error.hop === "session") findings.fail("session", error, grantFacts(session, now));
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
    findings.skip("create-session", "refused because of the clock", callFacts(input));
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

function grantFacts({ credentials, expiration, sourceIdentity }: Session, now: Date): Fact[] {
  return [
    ["access key id", credentials.accessKeyId],
    ["source identity", sourceIdentity || "none"],
    ["expires", timeText(expiration, now)],
  ];
}

/** Milliseconds from which a skew is reported. From five minutes on, AWS refuses. */
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
      findings.ok("clock", "agrees with AWS's clock within a minute");
      return;
    }
    findings.warn("clock", {
      code: "CLOCK_SKEWED",
      detail: `this machine's clock is ${inWords(skew)} ${side} AWS's`,
      hint: "Correct it: AWS refuses a signature that is five minutes off.",
    });
  }
}

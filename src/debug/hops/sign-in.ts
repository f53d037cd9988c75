/** From the certificate to the token: a new session and a new token, whatever the cache holds. */
import { readIdentityFiles } from "../../sign-in/identity-files.ts";
import { whileRenewed } from "../../sign-in/renewal.ts";
import { inWords } from "../../foundation/duration.ts";
import { EksX509Error, settled } from "../../foundation/errors.ts";
import type { Http } from "../../http/client.ts";
import { openCertificates, openSigner, type Identity } from "../../identity/identity.ts";
import { certificateFacts, chainFacts, inspect, sessionFacts } from "../../identity/inspection.ts";
import { createSession } from "../../rolesanywhere/create-session.ts";
import type { Session } from "../../rolesanywhere/session.ts";
import type { GetTokenInput } from "../../sign-in/input.ts";
import { mintToken, type Token } from "../../token/eks-token.ts";
import { timeText, warningOf, type Findings } from "../report/findings.ts";
import type { Fact } from "../report/report.ts";
import type { World } from "../world.ts";

export interface SignedIn {
  input: GetTokenInput;
  identity: Identity;
  session: Session;
}

export function certificateHop(
  findings: Findings,
  { files: given, parameters }: GetTokenInput,
  { identities, clock }: World,
): Promise<Identity | undefined> {
  return findings.on("certificate", async () => {
    const { inspection, key } = await whileRenewed(async () => {
      const files = await readIdentityFiles(given, { identities });
      const certificates = await openCertificates(files);
      const key = await openSigner(files.signer, certificates);
      return { inspection: inspect(certificates, key, clock(), parameters.roleSessionName), key };
    });
    const { view, problems, warnings } = inspection;
    const facts: Fact[] = [
      ...certificateFacts(view),
      ...chainFacts(inspection),
      ...sessionFacts(inspection.session),
      ["private key", [key.description, ...key.warnings.map(({ message }) => message)].join("; ")],
    ];
    const [problem] = problems;
    if (problem) {
      findings.fail("certificate", problem, facts);
      return undefined;
    }
    findings.ok("certificate", view.subject, facts, warnings.map(warningOf));
    return { ...inspection.identity, signer: key };
  });
}

export async function sessionHops(
  findings: Findings,
  input: GetTokenInput,
  identity: Identity,
  { http, clock }: { http: Http; clock: () => Date },
): Promise<Session | undefined> {
  let skew: number | undefined;
  const watched: Http = async (call) => {
    const answer = await http(call);
    const difference = clock().getTime() - Date.parse(answer.headers["date"] ?? "");
    if (!Number.isNaN(difference)) skew = difference;
    return answer;
  };
  const session = await settled(
    createSession(input.parameters, identity, input.endpoint, { http: watched, clock }),
  );
  if (session instanceof EksX509Error) {
    reportFailure(findings, input, session, skew);
    return undefined;
  }
  clockHop(findings, skew);
  findings.ok("create-session", "Roles Anywhere created a session", callFacts(input));
  findings.ok("session", session.assumedRoleArn, grantFacts(session, clock()));
  return session;
}

/** A session that is too short for a token fails at the session's hop. */
export async function mintedToken(
  findings: Findings,
  { token }: GetTokenInput,
  session: Session,
  now: Date,
): Promise<Token | undefined> {
  const minted = await settled(mintToken(session, token, now));
  if (!(minted instanceof EksX509Error)) return minted;
  if (minted.hop === "session") findings.fail("session", minted, grantFacts(session, now));
  else findings.fail("token", minted);
  return undefined;
}

function reportFailure(
  findings: Findings,
  input: GetTokenInput,
  error: EksX509Error,
  skew: number | undefined,
): void {
  if (error.code === "REFUSED_CLOCK_SKEW") {
    findings.fail("clock", error);
    findings.skip("create-session", "refused because of the clock", callFacts(input));
    return;
  }
  clockHop(findings, skew);
  if (error.hop !== "session") {
    findings.fail("create-session", error, callFacts(input));
    return;
  }
  findings.ok("create-session", "Roles Anywhere answered", callFacts(input));
  findings.fail("session", error);
}

function callFacts({ endpoint, parameters }: GetTokenInput): Fact[] {
  return [
    ["endpoint", endpoint.origin],
    ["trust anchor", parameters.trustAnchor.text],
    ["profile", parameters.profile.text],
    ["role", parameters.role.text],
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

/** @param skew this machine's clock less AWS's, in milliseconds; undefined if AWS did not answer */
function clockHop(findings: Findings, skew: number | undefined): void {
  if (skew === undefined) return;
  if (Math.abs(skew) < noticeableSkew) {
    findings.ok("clock", "agrees with AWS's clock within a minute");
    return;
  }
  const why = `this machine's clock is ${inWords(skew)} ${skew > 0 ? "ahead of" : "behind"} AWS's`;
  const hint = "Correct it: AWS refuses a signature that is five minutes off.";
  findings.ok("clock", "", [], [{ code: "CLOCK_SKEWED", why, hint }]);
}

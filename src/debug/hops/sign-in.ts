/** From the certificate to the token: a new session and a new token, whatever the cache holds. */
import { randomBytes } from "node:crypto";
import { whileRenewed } from "../../sign-in/renewal.ts";
import { inWords } from "../../foundation/duration.ts";
import { EksX509Error, settled } from "../../foundation/errors.ts";
import type { Http } from "../../http/client.ts";
import {
  openCertificates,
  openSigner,
  type GivenCertificates,
  type Identity,
} from "../../identity/identity.ts";
import {
  certificateFacts,
  chainFacts,
  inspect,
  sessionFacts,
  type Inspection,
} from "../../identity/inspection.ts";
import type { Signer } from "../../identity/signer.ts";
import { verifiedSignature } from "../../identity/verified-signature.ts";
import { createSession } from "../../rolesanywhere/create-session.ts";
import type { Session } from "../../rolesanywhere/session.ts";
import type { GetTokenInput } from "../../sign-in/input.ts";
import { mintToken, type Token } from "../../token/eks-token.ts";
import { timeText, warningOf, type Findings } from "../report/findings.ts";
import type { Fact } from "../report/report.ts";
import type { RefusalJudge, World } from "../world.ts";

export interface SignedIn {
  input: GetTokenInput;
  identity: Identity;
  session: Session;
}

/** @returns an identity whose key is judged by its first signature */
export async function identityHops(
  findings: Findings,
  input: GetTokenInput,
  world: World,
): Promise<TriedIdentity | undefined> {
  const opened = await findings.on("certificate", () => openedIdentity(input, world));
  if (!opened || !certificateHop(findings, opened.inspection)) return undefined;
  const { inspection, key, description } = opened;
  if (!(key instanceof EksX509Error)) return tried(findings, { ...inspection.identity, signer: key });
  findings.fail("private-key", key, [["kept in", description]]);
  return undefined;
}

interface Opened {
  inspection: Inspection;
  /** Or why it cannot be opened, or is not the one of the certificate. */
  key: Signer | EksX509Error;
  /** Names the key by its setting, without a PIN. */
  description: string;
}

async function openedIdentity(
  { files, parameters: { roleSessionName } }: GetTokenInput,
  { identities, clock }: World,
): Promise<Opened> {
  const sources = identities(files.access);
  const { description } = sources.signer(files.privateKey);
  let readable: GivenCertificates[] = [];
  const opened = await settled(
    whileRenewed(async () => {
      readable = [];
      const certificates = await openCertificates({
        certificates: sources.certificates(files.certificate),
        intermediates: files.intermediates && sources.certificates(files.intermediates),
      });
      readable = [certificates];
      const key = await openSigner(sources.signer(files.privateKey), certificates);
      return { inspection: inspect(certificates, key, clock(), { roleSessionName }), key, description };
    }),
  );
  if (!(opened instanceof EksX509Error)) return opened;
  const [certificates] = readable;
  if (!certificates) throw opened;
  return {
    inspection: inspect(certificates, undefined, clock(), { roleSessionName }),
    key: opened,
    description,
  };
}

/** @returns whether the certificate is fit */
function certificateHop(findings: Findings, inspection: Inspection): boolean {
  const { view, problems, warnings } = inspection;
  const facts = [...certificateFacts(view), ...chainFacts(inspection), ...sessionFacts(inspection.session)];
  const [problem] = problems;
  if (problem) findings.fail("certificate", problem, facts);
  else findings.ok("certificate", view.subject, facts, warnings.map(warningOf));
  return problem === undefined;
}

interface TriedIdentity {
  identity: Identity;
  /** Signs any bytes, unless the key has signed before. */
  tryKey: () => Promise<void>;
}

/**
 * The signature of CreateSession judges the key: another one would ask the user of a PIN pad or of an agent a second time, and could use
 * up one more try of the PIN.
 */
function tried(findings: Findings, identity: Identity): TriedIdentity {
  const { signer } = identity;
  let hasSigned = false;
  const sign = async (bytes: Uint8Array): Promise<Uint8Array> => {
    hasSigned = true;
    const signature = await settled(signatureOf(identity, bytes));
    if (signature instanceof EksX509Error) {
      findings.fail("private-key", signature, signer.facts());
      throw signature;
    }
    const found = `${signer.description} signs, and the signature verifies against the certificate`;
    findings.ok("private-key", found, signer.facts(), signer.warnings.map(warningOf));
    return signature;
  };
  return {
    identity: { ...identity, signer: { ...signer, sign } },
    tryKey: async () => {
      if (!hasSigned) await settled(sign(randomBytes(32)));
    },
  };
}

async function signatureOf({ leaf, signer }: Identity, bytes: Uint8Array): Promise<Uint8Array> {
  const signature = await signer.sign(bytes);
  return verifiedSignature({ ...signer, bytes, signature, publicKey: leaf.x509.publicKey });
}

export async function sessionHops(
  findings: Findings,
  input: GetTokenInput,
  { identity, tryKey }: TriedIdentity,
  { http, clock, judge }: { http: Http; clock: () => Date; judge: RefusalJudge | undefined },
): Promise<Session | undefined> {
  let skew: number | undefined;
  const watched: Http = async (call) => {
    const answer = await http(call);
    const difference = clock().getTime() - Date.parse(answer.headers["date"] ?? "");
    if (!Number.isNaN(difference)) skew = difference;
    return answer;
  };
  const session = await settled(
    createSession(input.parameters, () => Promise.resolve(identity), input.endpoint, {
      http: watched,
      clock,
    }),
  );
  await tryKey();
  if (session instanceof EksX509Error) {
    const { leaf, chain } = identity;
    const hint = judge?.({ code: session.code, leaf, chain, parameters: input.parameters });
    const error = hint === undefined ? session : session.withHint(hint);
    if (session.hop !== "private-key") reportFailure(findings, input, error, skew);
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

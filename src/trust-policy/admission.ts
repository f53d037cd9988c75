/** Whether a certificate is let in, as far as the administrator's files answer it: the trust policy, the profile and the CRLs. */
import type { Certificate } from "../identity/certificate.ts";
import { isOfIssuer, revocationIn, type Crl } from "../identity/fitness/crl.ts";
import { wholeSeconds } from "../foundation/duration.ts";
import { nameKey } from "../identity/names.ts";
import type { SessionIdentity } from "../identity/session-identity.ts";
import { decide, type Decision, type Verdict } from "./decision.ts";
import { obstacleOf, originOf, type Profile } from "./profile.ts";
import { reasonsOf } from "./reasons.ts";
import type { RoleFile } from "./role-file.ts";

export interface Judgement {
  verdict: Verdict;
  /** Empty if it is "allowed". */
  reasons: readonly string[];
}

export interface WarningJudgement extends Judgement {
  /** What does not change the verdict. */
  warnings: readonly string[];
}

export interface PolicyJudgement extends Judgement {
  decision: Decision;
}

/** What the certificate cannot say. What nobody says is unknown. */
export interface Said {
  trustAnchorArn?: string | undefined;
  roleArn?: string | undefined;
  sourceIp?: string | undefined;
}

export interface Applicant {
  session: SessionIdentity;
  /** Whether the request names the session. */
  isNamed: boolean;
}

export function judgeByPolicy(
  { policy }: Pick<RoleFile, "policy">,
  { session }: Pick<Applicant, "session">,
  { trustAnchorArn, sourceIp }: Said,
  profile: Profile | undefined,
  now: Date,
): PolicyJudgement {
  const source = profile?.originSource;
  const originSubject = source === undefined ? null : (originOf(source, session) ?? null);
  const request = {
    session,
    trustAnchorArn,
    sourceIp,
    now,
    originSubject: profile ? originSubject : undefined,
  };
  const decision = decide(policy, request);
  return { verdict: decision.verdict, reasons: reasonsOf(decision), decision };
}

export function judgeByProfile(
  profile: Profile,
  applicant: Applicant,
  said: Said,
  role: RoleFile["role"],
): WarningJudgement {
  // STS GetCallerIdentity, which a sign-in needs, is allowed whatever policies there are.
  const limited =
    "its session policy or managed policies limit the sessions; a sign-in needs no permission, and update-kubeconfig needs eks:DescribeCluster in them";
  return {
    ...byProfile(profile, applicant, said, role),
    warnings: profile.isLimited ? [`the profile: ${limited}`] : [],
  };
}

function byProfile(
  profile: Profile,
  applicant: Applicant,
  { trustAnchorArn, roleArn }: Said,
  role: RoleFile["role"],
): Judgement {
  const obstacle = obstacleOf(profile, { ...applicant, roleArn: roleArn ?? profile.roleArns[0] ?? "" });
  if (obstacle) return refused(withAnswer(obstacle.why, obstacle.answer));
  const [ofProfile, ofAnchor] = [profile.arn, trustAnchorArn].map((arn) => arn?.split(":")[3]);
  if (ofProfile !== undefined && ofAnchor !== undefined && ofProfile !== ofAnchor)
    return refused(
      `the profile is in ${ofProfile} and the trust anchor in ${ofAnchor}; both must be in one region`,
    );
  const longest = role?.maxSessionDuration ?? Infinity;
  if (profile.durationSeconds > longest)
    return refused(
      `the profile's durationSeconds, ${profile.durationSeconds}, is more than the ${longest} that the role allows`,
    );
  if (profile.requiresInstanceProperties)
    return {
      verdict: "unknown",
      reasons: ["the profile requires instance properties, which eks-x509 does not send"],
    };
  if (roleArn === undefined)
    return {
      verdict: "unknown",
      reasons: ["--role-arn is not given, so whether the profile lists the role is unknown"],
    };
  return { verdict: "allowed", reasons: [] };
}

const answers = ". Roles Anywhere answers: ";

function withAnswer(reason: string, answer: string): string {
  return `${reason}${answers}${answer}`;
}

/** The reason alone, for somebody who has the answer. */
export function withoutAnswer(reason: string): string {
  const end = reason.lastIndexOf(answers);
  return end === -1 ? reason : reason.slice(0, end);
}

function refused(reason: string): Judgement {
  return { verdict: "refused", reasons: [reason] };
}

/**
 * @param path the leaf first
 * @param authorities certificates that may have signed the lists
 */
export function judgeByCrls(
  path: readonly Certificate[],
  crls: readonly Crl[],
  authorities: readonly Certificate[],
  now: Date,
): WarningJudgement {
  const revocation = revocationIn(path, crls);
  const unusable = crls.filter(({ limits }) => limits !== undefined);
  const reasons = unusable.map(({ file, limits = "" }) => `${file} ${limits}`);
  const forged = crls.filter((crl) => isForged(crl, authorities));
  reasons.push(
    ...forged.map(({ file, issuer }) => `${file} is not signed by the key of its issuer, ${issuer}`),
  );
  const warnings = crls.flatMap((crl) => crlWarnings(crl, path, authorities, now));
  if (reasons.length > 0) return { verdict: "unknown", reasons, warnings };
  if (!revocation) return { verdict: "allowed", reasons: [], warnings };
  const { certificate, crl, at } = revocation;
  const which = certificate === path[0] ? "the certificate" : `the intermediate ${certificate.subject}`;
  const reason = `${which} is revoked since ${wholeSeconds(at)}, by the list of ${crl.issuer}`;
  return { ...refused(withAnswer(reason, "Untrusted signing certificate")), warnings };
}

/** Namesakes of the issuer can have another key, so one of them must have signed. */
function isForged(crl: Crl, authorities: readonly Certificate[]): boolean {
  const issuers = issuersOf(crl, authorities);
  return issuers.length > 0 && !issuers.some((issuer) => crl.isSignedBy(issuer));
}

function issuersOf({ comparableIssuer }: Crl, authorities: readonly Certificate[]): Certificate[] {
  return authorities.filter(({ comparable }) => nameKey(comparable.subject) === nameKey(comparableIssuer));
}

function crlWarnings(
  crl: Crl,
  path: readonly Certificate[],
  authorities: readonly Certificate[],
  now: Date,
): string[] {
  const { file, issuer, nextUpdate } = crl;
  if (!path.some((certificate) => isOfIssuer(crl, certificate)))
    return [`${file} is the list of ${issuer}, which issued none of these certificates`];
  return [
    ...(issuersOf(crl, authorities).length === 0
      ? [`the signature of ${file} is not checked, because the certificate of ${issuer} is not in the files`]
      : []),
    ...(nextUpdate && nextUpdate < now
      ? [`${file} was to be replaced by ${wholeSeconds(nextUpdate)}; import the CA's present list`]
      : []),
  ];
}

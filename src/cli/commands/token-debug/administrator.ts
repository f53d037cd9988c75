/** `--trust-policy`, `--profile` and `--crl`: why Roles Anywhere refuses a session, which AWS does not report. */
import type { ErrorCode } from "../../../foundation/errors.ts";
import { shownPath } from "../../../foundation/shown.ts";
import type { RefusalJudge, RefusedSession } from "../../../debug/world.ts";
import { certificateView } from "../../../identity/certificate-view.ts";
import { sessionIdentity } from "../../../identity/session-identity.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import {
  judgeByCrls,
  judgeByPolicy,
  judgeByProfile,
  withoutAnswer,
  type Judgement,
} from "../../../trust-policy/admission.ts";
import type { Profile } from "../../../trust-policy/profile.ts";
import {
  readAdministratorFiles,
  type AdministratorFiles,
  type AdministratorPaths,
} from "../../settings/administrator-files.ts";

export async function readJudge(
  paths: AdministratorPaths,
  { readFile, clock }: Pick<Ports, "readFile" | "clock">,
): Promise<RefusalJudge> {
  const files = await readAdministratorFiles(paths, readFile);
  return (refused) => {
    const [part] = judged.filter(({ codes, path }) => codes.has(refused.code) && path(paths) !== undefined);
    if (!part) return undefined;
    const judgement = part.judge(files, refused, clock());
    return judgement && nextStep(part, judgement, nameOf(part, paths, files, refused), refused);
  };
}

/** One of the administrator's files, and what it decides. */
interface Part {
  codes: ReadonlySet<ErrorCode>;
  path: (paths: AdministratorPaths) => string | undefined;
  what: string;
  judge: (files: AdministratorFiles, refused: RefusedSession, now: Date) => Judgement | undefined;
  correction: string;
  /** If the file lets the certificate in. */
  comparison: (refused: RefusedSession) => string;
}

const judged: readonly Part[] = [
  {
    codes: new Set(["REFUSED_ROLE_TRUST_POLICY"]),
    path: ({ trustPolicy }) => trustPolicy,
    what: "trust policy",
    judge: ({ role, profile }, refused, now) =>
      role && judgeByPolicy(role, applicantOf(refused, profile, now), saidBy(refused), profile, now),
    correction: "Correct the policy, or use another certificate.",
    comparison: ({ parameters: { role } }) =>
      `Compare it with the one in AWS (aws iam get-role --role-name ${role.name}), and check the organization's service control policies and the profile's attribute mappings.`,
  },
  {
    // "Access denied" alone has no code of its own: trusted identity propagation.
    codes: new Set([
      ...(["REFUSED_PROFILE", "REFUSED_ROLE_NOT_IN_PROFILE", "REFUSED_SESSION_NAME"] as const),
      ...(["REFUSED_DURATION", "REFUSED_OTHER"] as const),
    ]),
    path: ({ profile }) => profile,
    what: "profile",
    judge: ({ role, profile }, refused, now) =>
      profile && judgeByProfile(profile, applicantOf(refused, profile, now), saidBy(refused), role?.role),
    correction: "Correct the profile.",
    comparison: ({ parameters: { profile } }) =>
      `Compare it with the one in AWS (aws rolesanywhere get-profile --profile-id ${profile.text.split("/").at(-1) ?? ""}).`,
  },
  {
    codes: new Set(["REFUSED_UNTRUSTED_CERTIFICATE"]),
    path: ({ crls: [first] }) => first,
    what: "revocation list",
    judge: ({ crls }, { leaf, chain }, now) => crls && judgeByCrls([leaf, ...chain], crls, chain, now),
    correction: "Use another certificate.",
    comparison: ({ parameters: { trustAnchor } }) =>
      `Check that trust anchor ${trustAnchor.text} is the right one, that it contains the CA that issued the certificate, and that no intermediate is missing (--intermediates).`,
  },
];

function applicantOf({ leaf, parameters }: RefusedSession, profile: Profile | undefined, now: Date) {
  const { roleSessionName } = parameters;
  const session = sessionIdentity(certificateView(leaf, now), roleSessionName, profile?.mappings);
  return { session, isNamed: roleSessionName !== undefined };
}

function saidBy({ parameters: { trustAnchor, role } }: RefusedSession) {
  return { trustAnchorArn: trustAnchor.text, roleArn: role.text };
}

function nextStep({ correction, comparison }: Part, found: Judgement, name: string, refused: RefusedSession) {
  const why = found.reasons.map(withoutAnswer).join("; ");
  if (found.verdict === "refused") return `The ${name} refuses it: ${why}. ${correction}`;
  if (found.verdict === "unknown") return `Whether the ${name} refuses it is not known: ${why}.`;
  return `The ${name} allows it. ${comparison(refused)}`;
}

/** With the ARN of the file if it is not the one of the request. */
function nameOf(
  { what, path }: Part,
  paths: AdministratorPaths,
  { role, profile }: AdministratorFiles,
  { parameters }: RefusedSession,
): string {
  const file = `${what} in ${shownPath(path(paths) ?? "")}`;
  const [own, asked] =
    what === "profile" ? [profile?.arn, parameters.profile] : [role?.role?.arn, parameters.role];
  return what !== "revocation list" && own !== undefined && own !== asked.text ? `${file} of ${own}` : file;
}

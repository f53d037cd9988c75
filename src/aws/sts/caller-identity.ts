/** Who STS says a token is from: the answer to GetCallerIdentity, parsed. STS API reference, GetCallerIdentity. */
import { ArnProblem } from "../arn.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import { parsePrincipal, type Principal } from "../../authenticator/canonical-arn.ts";
import type { StsIdentity } from "./answer.ts";

export interface CallerIdentity {
  /** 12 digits. */
  account: string;
  /** `arn:aws:sts::…:assumed-role/eks-read-only/4e8708af`. */
  arn: string;
  /** As STS tells it: `AROA…:session name`, `AIDA…`, or the account. */
  userId: string;
  /** The IAM ARN that aws-auth matches: `arn:aws:iam::…:role/eks-read-only`. */
  canonicalArn: string;
  /** `AROA…`; of others than roles, the whole user id. */
  principalId: string;
  /** Empty for others than roles. */
  sessionName: string;
  /** Of the credentials that signed the token. */
  accessKeyId: string;
}

/**
 * The identity as the cluster's authenticator reads it: aws-iam-authenticator, pkg/token, getIdentityFromSTSResponse.
 * @throws EksX509Error STS_ARN_UNSUPPORTED, STS_USER_ID_MALFORMED
 */
export function callerIdentity(told: StsIdentity, accessKeyId: string): CallerIdentity {
  const principal = parsePrincipal(told.arn);
  if (principal instanceof ArnProblem) throw unsupportedArn(told.arn, principal.why);
  const { canonicalArn } = principal;
  return { ...told, ...userIdParts(told, principal), canonicalArn, accessKeyId };
}

/** A federated user's id is `account:name`, which is kept whole: its first part is the root user's too. */
function userIdParts(
  { userId }: StsIdentity,
  { kind }: Principal,
): { principalId: string; sessionName: string } {
  if (kind !== "assumed-role" && kind !== "role") return { principalId: userId, sessionName: "" };
  const [principalId = "", sessionName, ...more] = userId.split(":");
  if (sessionName === undefined || more.length > 0) throw malformedUserId();
  return { principalId, sessionName };
}

function unsupportedArn(arn: string, why: string): EksX509Error {
  return new EksX509Error({
    category: "refused",
    hop: "sts",
    code: "STS_ARN_UNSUPPORTED",
    message: `STS accepts the token, and names an identity that the cluster's authenticator refuses: ${arn.slice(0, 200)} ${why}`,
    hint: "Sign the token with the session of an IAM role, such as Roles Anywhere gives.",
  });
}

function malformedUserId(): EksX509Error {
  return new EksX509Error({
    category: "refused",
    hop: "sts",
    code: "STS_USER_ID_MALFORMED",
    message:
      "STS accepts the token, and names a role's user id that the cluster's authenticator refuses: it is not ID:SESSION",
    hint: "Check AWS_ENDPOINT_URL_STS: AWS's own STS names a role's session so.",
  });
}

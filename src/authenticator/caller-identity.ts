/** The identity of a token: the answer to GetCallerIdentity, parsed. STS API reference, GetCallerIdentity. */
import { ArnProblem } from "../aws/arn.ts";
import { errorsOf } from "../foundation/errors.ts";
import type { StsIdentity } from "../aws/sts/answer.ts";
import { partitions } from "../aws/partition.ts";

export interface CallerIdentity {
  /** 12 digits. */
  account: string;
  /** `arn:aws:sts::…:assumed-role/eks-read-only/4e8708af`. */
  arn: string;
  /** As STS returns it: `AROA…:session name`, `AIDA…`, or the account. */
  userId: string;
  /** The IAM ARN that aws-auth matches: `arn:aws:iam::…:role/eks-read-only`. */
  canonicalArn: string;
  /** `AROA…` of a role; otherwise the complete user id. */
  principalId: string;
  /** Empty if the identity is not a role. */
  sessionName: string;
  accessKeyId: string;
}

/**
 * The identity as the cluster's authenticator reads it: aws-iam-authenticator, pkg/token, getIdentityFromSTSResponse.
 */
export function callerIdentity(identity: StsIdentity, accessKeyId: string): CallerIdentity {
  const principal = parsePrincipal(identity.arn);
  if (principal instanceof ArnProblem)
    throw refused(
      "STS_ARN_UNSUPPORTED",
      `STS accepts the token, but returns an identity that the cluster's authenticator refuses: ${identity.arn.slice(0, 200)} ${principal.why}`,
      "Sign the token with the session of an IAM role, for example from Roles Anywhere.",
    );
  const { canonicalArn } = principal;
  return { ...identity, ...userIdParts(identity, principal), canonicalArn, accessKeyId };
}

/** A federated user's id is `account:name`, which is kept complete, because its first part is also the root user's. */
function userIdParts(
  { userId }: StsIdentity,
  { kind }: Principal,
): Pick<CallerIdentity, "principalId" | "sessionName"> {
  if (kind !== "assumed-role" && kind !== "role") return { principalId: userId, sessionName: "" };
  const [principalId = "", sessionName, ...more] = userId.split(":");
  if (sessionName === undefined || more.length > 0)
    throw refused(
      "STS_USER_ID_MALFORMED",
      "STS accepts the token, but returns a user id of a role that the cluster's authenticator refuses: it is not ID:SESSION",
      "Check AWS_ENDPOINT_URL_STS. AWS's own STS returns ID:SESSION for a role's session.",
    );
  return { principalId, sessionName };
}

const refused = errorsOf("refused", "sts");

export interface Principal {
  kind: "assumed-role" | "federated-user" | "role" | "user" | "root";
  canonicalArn: string;
}

export function canonicalArn(arn: string): string | ArnProblem {
  const principal = parsePrincipal(arn);
  return principal instanceof ArnProblem ? principal : principal.canonicalArn;
}

function parsePrincipal(arn: string): Principal | ArnProblem {
  const [prefix, partition = "", service, , account = "", ...rest] = arn.split(":");
  if (prefix !== "arn" || rest.length === 0) return new ArnProblem("does not have the form of an ARN");
  if (!partitions.some(({ name }) => name === partition))
    return new ArnProblem("names a partition that the authenticator does not know");
  // A resource can contain colons, so only the first five separate the ARN.
  const [kind = "", ...path] = rest.join(":").split("/");
  if (service === "sts") return stsPrincipal(arn, kind, path, `arn:${partition}:iam::${account}`);
  if (service === "iam") return iamPrincipal(arn, kind);
  return new ArnProblem("names a service without identities");
}

function stsPrincipal(
  arn: string,
  kind: string,
  path: readonly string[],
  owner: string,
): Principal | ArnProblem {
  if (kind === "federated-user") return { kind, canonicalArn: arn };
  if (kind !== "assumed-role") return new ArnProblem("is neither an assumed role nor a federated user");
  if (path.length < 2) return new ArnProblem("names an assumed role without its session");
  // The last part is the session's name. STS omits a role's path.
  return { kind, canonicalArn: `${owner}:role/${path.slice(0, -1).join("/")}` };
}

function iamPrincipal(arn: string, kind: string): Principal | ArnProblem {
  if (kind === "role" || kind === "user" || kind === "root") return { kind, canonicalArn: arn };
  return new ArnProblem("is neither a role, a user nor the root user");
}

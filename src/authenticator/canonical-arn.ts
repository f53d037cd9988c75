/**
 * The IAM ARN that a caller's ARN stands for, as the cluster's authenticator makes it before it looks into aws-auth:
 * a role's session becomes the role. kubernetes-sigs/aws-iam-authenticator, pkg/arn, Canonicalize.
 */
import { ArnProblem } from "../aws/arn.ts";
import { partitions } from "../aws/partition.ts";

export interface Principal {
  kind: "assumed-role" | "federated-user" | "role" | "user" | "root";
  canonicalArn: string;
}

export function canonicalArn(arn: string): string | ArnProblem {
  const principal = parsePrincipal(arn);
  return principal instanceof ArnProblem ? principal : principal.canonicalArn;
}

/** @param arn as GetCallerIdentity tells it */
export function parsePrincipal(arn: string): Principal | ArnProblem {
  const [prefix, partition = "", service, , account = "", ...rest] = arn.split(":");
  if (prefix !== "arn" || rest.length === 0) return new ArnProblem("is not of an ARN's form");
  if (!partitions.some(({ name }) => name === partition))
    return new ArnProblem("names a partition that the authenticator does not know");
  // A resource may hold colons of its own: only the first five part an ARN.
  const [kind = "", ...path] = rest.join(":").split("/");
  if (service === "sts") return stsPrincipal(arn, kind, path, `arn:${partition}:iam::${account}`);
  if (service === "iam") return iamPrincipal(arn, kind);
  return new ArnProblem("is of a service that has no identities");
}

function stsPrincipal(
  arn: string,
  kind: string,
  path: readonly string[],
  owner: string,
): Principal | ArnProblem {
  if (kind === "federated-user") return { kind, canonicalArn: arn };
  if (kind !== "assumed-role") return new ArnProblem("is neither an assumed role's nor a federated user's");
  if (path.length < 2) return new ArnProblem("names an assumed role without its session");
  // The last part is the session's name; STS leaves a role's path out.
  return { kind, canonicalArn: `${owner}:role/${path.slice(0, -1).join("/")}` };
}

function iamPrincipal(arn: string, kind: string): Principal | ArnProblem {
  if (kind === "role" || kind === "user" || kind === "root") return { kind, canonicalArn: arn };
  return new ArnProblem("is neither a role's, a user's nor the root user's");
}

/** The IAM ARN that aws-auth matches: a session's ARN, with the session made the role again. */
import { type Arn, parseArn } from "../../aws/arn.ts";
import { TokenError } from "./token-error.ts";
import { partitions } from "./partitions.ts";

export interface CanonicalArn {
  /** Whether the UserId is `AROA…:session name`; otherwise it is one name, and there is no session name. */
  isRole: boolean;
  arn: string;
}

/** @throws {TokenError} of kind `sts`, for an ARN that is no identity's. */
export function canonicalArn(arn: string): CanonicalArn {
  const { partition, service, account, resource } = splitArn(arn);
  const [kind = "", ...names] = resource.split("/");
  switch (`${service}:${kind}`) {
    case "sts:assumed-role":
      if (names.length < 2) throw refusal(`assumed-role arn '${arn}' does not have a role`);
      return { isRole: true, arn: `arn:${partition}:iam::${account}:role/${names.slice(0, -1).join("/")}` };
    case "iam:role":
      return { isRole: true, arn };
    case "sts:federated-user":
    case "iam:user":
    case "iam:root":
      return { isRole: false, arn };
    default:
      throw refusal(unrecognized(service, resource, arn));
  }
}

function splitArn(arn: string): Arn {
  if (!arn.startsWith("arn:")) throw refusal(`arn '${arn}' is invalid: 'arn: invalid prefix'`);
  const parsed = parseArn(arn);
  if (parsed === undefined) throw refusal(`arn '${arn}' is invalid: 'arn: not enough sections'`);
  if (partitions.some(({ id }) => id === parsed.partition)) return parsed;
  throw refusal(`arn '${arn}' does not have a recognized partition`);
}

function unrecognized(service: string, resource: string, arn: string): string {
  const isKnown = service === "sts" || service === "iam";
  return isKnown
    ? `unrecognized resource ${resource} for service ${service}`
    : `service ${service} in arn ${arn} is not a valid service for identities`;
}

function refusal(reason: string): TokenError {
  return new TokenError("sts", reason);
}

/** The ids of roles and users. IAM user guide, "Unique identifiers". */
import type { Account } from "../account.ts";
import { administratorOf } from "./administrator.ts";

/** Undefined if the account has no role or user of the ARN. */
export function principalId(account: Account, arn: string): string | undefined {
  const administrator = administratorOf(account);
  if (arn === administrator.arn) return administrator.userId;
  return account.roles.find((role) => role.arn === arn)?.uniqueId;
}

/** The IAM user whose access key the sandbox exports: it created the clusters, and may call everything. */
import { randomBytes } from "node:crypto";
import type { Account } from "../account.ts";
import type { Session } from "../sessions.ts";

export function administratorOf({
  id,
  partition,
}: Pick<Account, "id" | "partition">): Pick<Session, "arn" | "userId"> {
  return { arn: `arn:${partition}:iam::${id}:user/administrator`, userId: "AIDASANDBOXADMINISTRAT" };
}

/** A new access key, which does not expire. */
export function administratorsKey(account: Pick<Account, "id" | "partition">): Session {
  return {
    ...administratorOf(account),
    accountId: account.id,
    accessKeyId: "AKIASANDBOXADMINISTR",
    secretAccessKey: randomBytes(30).toString("base64"),
    sessionToken: "",
    expiration: new Date("9999-12-31T23:59:59Z"),
    sourceIdentity: "",
  };
}

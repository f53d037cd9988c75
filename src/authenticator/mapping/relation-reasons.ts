/** Each difference between two ARNs, in words. */
import type { CallerIdentity } from "../caller-identity.ts";
import { quoted } from "./place.ts";
import { principalOf } from "./principal.ts";
import type { Relation } from "./relation.ts";
import type { Reason } from "./verdict.ts";

export function relationReason(
  relation: Exclude<Relation, "same">,
  written: string,
  { canonicalArn, arn }: CallerIdentity,
): Reason {
  return reasons[relation]({
    written: quoted(written),
    wanted: canonicalArn,
    session: arn,
    account: accountOf(written),
  });
}

interface Difference {
  /** In quotes. */
  written: string;
  wanted: string;
  session: string;
  /** Of the entry; empty when it has none. */
  account: string;
}

const reasons: Readonly<Record<Exclude<Relation, "same">, (difference: Difference) => Reason>> = {
  "white-space": ({ written, wanted }) => ({
    code: "MAPPING_ARN_WHITE_SPACE",
    why: `the entry's ARN has white space in it or around it: ${written}`,
    hint: `Write ${wanted}, and nothing else, between the quotes.`,
  }),
  path: ({ written, wanted }) =>
    wanted.includes(":role/") ? rolePath(written, wanted) : userPath(written, wanted),
  session: ({ written, wanted }) => ({
    code: "MAPPING_STS_ARN",
    why: `the entry names the session's ARN, ${written}, and the role's is compared`,
    hint: `Write the role's: ${wanted}.`,
  }),
  wildcard: ({ written, wanted }) => ({
    code: "MAPPING_WILDCARD",
    why: `the entry has a wildcard, ${written}, and ARNs are compared letter by letter`,
    hint: `Write one entry for each role: ${wanted}. mapAccounts takes a whole account, without groups.`,
  }),
  "no-arn": ({ written, wanted }) => ({
    code: "MAPPING_NOT_AN_ARN",
    why: `the entry has ${written} where a whole ARN is wanted`,
    hint: `Write ${wanted}.`,
  }),
  "account-form": ({ written, wanted }) => ({
    code: "MAPPING_ARN_ACCOUNT_FORM",
    why: `the entry's ARN, ${written}, has no account id of 12 digits`,
    hint: `Write ${wanted}. Leading zeros count.`,
  }),
  kind: ({ written, wanted }) => ({
    code: "MAPPING_OTHER_KIND",
    why: `the entry is for something else of the same name: ${written}`,
    hint: `Write ${wanted}.`,
  }),
  partition: ({ written, wanted }) => ({
    code: "MAPPING_OTHER_PARTITION",
    why: `the entry is for the same name in another partition: ${written}`,
    hint: `The identity is ${wanted}. Add an entry for it, or correct this one.`,
  }),
  account: ({ wanted, account }) => ({
    code: "MAPPING_OTHER_ACCOUNT",
    why: `the entry is for the same name in another account, ${account}`,
    hint: `The identity is ${wanted}. Where that is the right one, add an entry for it; else sign in with a role of account ${account}.`,
  }),
  "near-name": ({ written, wanted }) => ({
    code: "MAPPING_NEAR_NAME",
    why: `the entry is for another name, which is almost the same: ${written}`,
    hint: `The identity is ${wanted}. Correct the entry if it is meant.`,
  }),
  "near-arn": ({ written, wanted }) => ({
    code: "MAPPING_NEAR_ARN",
    why: `the entry's ARN is almost the right one: ${written}`,
    hint: `Write ${wanted}. Compare the two letter by letter, the colons too.`,
  }),
  "account-root": ({ written, wanted }) => ({
    code: "MAPPING_ACCOUNT_ROOT",
    why: `the entry is for the account's root user, ${written}, and not for everybody in the account`,
    hint: `Write one entry for each role: ${wanted}. mapAccounts takes a whole account, without groups.`,
  }),
};

function rolePath(written: string, wanted: string): Reason {
  return {
    code: "MAPPING_ROLE_PATH",
    why: `the entry's rolearn has a path, ${written}, and aws-auth compares role ARNs without one`,
    hint: `Write ${wanted}. IAM shows the role with its path; STS, which the verifier asks, tells it without.`,
  };
}

function userPath(written: string, wanted: string): Reason {
  return {
    code: "MAPPING_USER_PATH",
    why: `the entry's userarn, ${written}, has another path than the user`,
    hint: `Write ${wanted}: a user's path counts, other than a role's.`,
  };
}

function accountOf(written: string): string {
  return (principalOf(written.trim())?.account ?? "").slice(0, 20);
}

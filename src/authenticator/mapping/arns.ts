/** The differences between an ARN in aws-auth and the ARN that would match. */
import { isNear } from "../../foundation/edit-distance.ts";
import type { CallerIdentity } from "../caller-identity.ts";
import { quoted, type Reason } from "./verdict.ts";

/** From the most certain cause to the least certain. */
export const relations = [
  "same",
  "white-space",
  "path",
  "session",
  "wildcard",
  "no-arn",
  "account-form",
  "kind",
  "partition",
  "account",
  "near-name",
  "near-arn",
  "account-root",
] as const;

export type Relation = (typeof relations)[number];

/** Undefined if the two ARNs have nothing in common. */
export function relationOf(written: string, canonicalArn: string): Relation | undefined {
  const one = folded(written);
  const other = folded(canonicalArn);
  if (one === other) return "same";
  if (one.replaceAll(invisible, "") === other) return "white-space";
  const wanted = principalOf(other);
  const given = principalOf(one.trim());
  if (!wanted) return undefined;
  const relation = given ? relationOfParts(given, wanted) : relationOfName(one.trim(), wanted);
  if (relation) return relation;
  if (/[*?]/.test(one) && matchesGlob(one.trim(), other)) return "wildcard";
  return isNear(one, other) ? "near-arn" : undefined;
}

/** All characters that separate words, including invisible ones. */
const invisible = /[\s\u200b-\u200d\u2060\ufeff]+/g;

function relationOfParts(given: Principal, wanted: Principal): Relation | undefined {
  if (given.type === "root" && given.account === wanted.account) return "account-root";
  if (given.name !== wanted.name) return nearName(given, wanted);
  if (given.account !== wanted.account)
    return /^\d{12}$/.test(given.account) ? "account" : accountForm(given);
  if (given.partition !== wanted.partition) return "partition";
  return relationWithinAccount(given, wanted);
}

function relationWithinAccount(given: Principal, wanted: Principal): Relation {
  if (given.service === "sts" && given.type === "assumed-role") return "session";
  if (given.service !== "iam" || given.region !== "") return "near-arn";
  if (given.type !== wanted.type) return isNear(given.type, wanted.type) ? "near-arn" : "kind";
  return "path";
}

/** A star belongs to the wildcard rule; any other text is not an account. */
function accountForm({ account }: Principal): Relation | undefined {
  return /[*?]/.test(account) ? undefined : "account-form";
}

function nearName(given: Principal, wanted: Principal): Relation | undefined {
  const samePlace = given.account === wanted.account && given.partition === wanted.partition;
  if (!samePlace || /[*?]/.test(given.name) || given.type !== wanted.type) return undefined;
  return isNear(given.name, wanted.name) ? "near-name" : undefined;
}

/** `eks-read-only` or `role/eks-read-only` instead of the ARN. */
function relationOfName(text: string, { type, name }: Principal): Relation | undefined {
  return name !== "" && [name, `${type}/${name}`].includes(text.replace(/^\//, "")) ? "no-arn" : undefined;
}

/** A star matches any text, a question mark one letter. The pattern is matched piece by piece, so none is slow. */
function matchesGlob(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.replaceAll(/\.?\*+/g, "*").split("*");
  if (!fitsAt(first, text, 0)) return false;
  const last = rest.pop();
  if (last === undefined) return first.length === text.length;
  let at = first.length;
  for (const piece of rest) {
    while (at <= text.length && !fitsAt(piece, text, at)) at++;
    at += piece.length;
  }
  return at <= text.length - last.length && fitsAt(last, text, text.length - last.length);
}

function fitsAt(piece: string, text: string, at: number): boolean {
  if (at + piece.length > text.length) return false;
  return Array.from(piece).every((letter, index) => letter === "?" || letter === text[at + index]);
}

// Describes each difference between two ARNs.

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
  /** The ARN of the entry; empty if it has none. */
  account: string;
}

const reasons: Readonly<Record<Exclude<Relation, "same">, (difference: Difference) => Reason>> = {
  "white-space": ({ written, wanted }) => ({
    code: "MAPPING_ARN_WHITE_SPACE",
    why: `the entry's ARN has white space in it or around it: ${written}`,
    hint: `Write only ${wanted} between the quotes.`,
  }),
  path: ({ written, wanted }) =>
    wanted.includes(":role/") ? rolePath(written, wanted) : userPath(written, wanted),
  session: ({ written, wanted }) => ({
    code: "MAPPING_STS_ARN",
    why: `the entry has the ARN of the session, ${written}, and the authenticator compares the ARN of the role`,
    hint: `Write the role's ARN: ${wanted}.`,
  }),
  wildcard: ({ written, wanted }) => ({
    code: "MAPPING_WILDCARD",
    why: `the entry has a wildcard, ${written}, and the authenticator compares ARNs letter by letter`,
    hint: `Write one entry for each role: ${wanted}. mapAccounts maps a whole account, without groups.`,
  }),
  "no-arn": ({ written, wanted }) => ({
    code: "MAPPING_NOT_AN_ARN",
    why: `the entry has ${written} instead of a complete ARN`,
    hint: `Write ${wanted}.`,
  }),
  "account-form": ({ written, wanted }) => ({
    code: "MAPPING_ARN_ACCOUNT_FORM",
    why: `the entry's ARN, ${written}, does not contain an account id of 12 digits`,
    hint: `Write ${wanted}. Leading zeros count.`,
  }),
  kind: ({ written, wanted }) => ({
    code: "MAPPING_OTHER_KIND",
    why: `the entry is for another kind of resource with the same name: ${written}`,
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
    hint: `The identity is ${wanted}. If it is the right one, add an entry for it. Otherwise sign in with a role of account ${account}.`,
  }),
  "near-name": ({ written, wanted }) => ({
    code: "MAPPING_NEAR_NAME",
    why: `the entry is for another name that is almost the same: ${written}`,
    hint: `The identity is ${wanted}. Correct the entry if it should map this identity.`,
  }),
  "near-arn": ({ written, wanted }) => ({
    code: "MAPPING_NEAR_ARN",
    why: `the entry's ARN is almost the right one: ${written}`,
    hint: `Write ${wanted}. Compare the two letter by letter, including the colons.`,
  }),
  "account-root": ({ written, wanted }) => ({
    code: "MAPPING_ACCOUNT_ROOT",
    why: `the entry is for the account's root user, ${written}, not for every identity of the account`,
    hint: `Write one entry for each role: ${wanted}. mapAccounts maps a whole account, without groups.`,
  }),
};

function rolePath(written: string, wanted: string): Reason {
  return {
    code: "MAPPING_ROLE_PATH",
    why: `the entry's rolearn has a path, ${written}, and aws-auth compares role ARNs without one`,
    hint: `Write ${wanted}. IAM shows the role with its path, but STS returns it to the authenticator without the path.`,
  };
}

function userPath(written: string, wanted: string): Reason {
  return {
    code: "MAPPING_USER_PATH",
    why: `the entry's userarn, ${written}, and the user have different paths`,
    hint: `Write ${wanted}. The path of a user counts, unlike the path of a role.`,
  };
}

function accountOf(written: string): string {
  return (principalOf(written.trim())?.account ?? "").slice(0, 20);
}

// Splits a text of aws-auth into the parts of an ARN.

export interface Principal {
  partition: string;
  service: string;
  region: string;
  account: string;
  /** `role`, `user`, `assumed-role`, `root`. */
  type: string;
  /** `/team/` of role/team/NAME; `/` without one. */
  path: string;
  /** Empty for root. For an assumed role, the name of the role. */
  name: string;
}

/** Undefined for a text without six parts between colons that begins with arn. */
export function principalOf(arn: string): Principal | undefined {
  const [prefix = "", partition = "", service = "", region = "", account = "", ...rest] = arn.split(":");
  if (prefix.toLowerCase() !== "arn" || rest.length === 0) return undefined;
  const [type = "", ...names] = rest.join(":").split("/");
  const kind = type.toLowerCase();
  if (kind === "assumed-role" && names.length > 1) names.pop();
  const name = names.pop() ?? "";
  const path = ["", ...names, ""].join("/");
  return { partition, service, region, account, type: kind, path, name };
}

/**
 * Letters that Go treats as equal: strings.EqualFold for ARNs, encoding/json for keys. Both fold two letters
 * beyond ASCII into ASCII: the long s, and the Kelvin sign (which toLowerCase folds as well).
 */
export function folded(text: string): string {
  return text.toLowerCase().replaceAll("\u017f", "s");
}

export function sameFolded(one: string, other: string): boolean {
  return folded(one) === folded(other);
}

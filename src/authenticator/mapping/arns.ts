/** The differences between an ARN in aws-auth and the ARN that would match. */
import { isNear } from "../../foundation/edit-distance.ts";
import type { CallerIdentity } from "../caller-identity.ts";
import type { ReasonCode } from "./reasons.ts";

/** What an entry of aws-auth has to contain, prepared for the comparison with many of them. */
export interface Wanted {
  arn: string;
  folded: string;
  principal: Principal | undefined;
}

export function wantedBy({ canonicalArn }: CallerIdentity): Wanted {
  return { arn: canonicalArn, folded: folded(canonicalArn), principal: principalOf(folded(canonicalArn)) };
}

/** The code of the reason why an ARN does not match; undefined if the two have nothing in common. */
export type Relation = "same" | ReasonCode | undefined;

export function relationOf(written: string, { folded: other, principal: wanted }: Wanted): Relation {
  const one = folded(written);
  if (one === other) return "same";
  if (one.replaceAll(invisible, "") === other) return "MAPPING_ARN_WHITE_SPACE";
  const text = one.trim();
  const given = principalOf(text);
  if (!wanted) return undefined;
  const relation = given ? relationOfParts(given, wanted) : relationOfName(text, wanted);
  if (relation) return relation;
  if (/[*?]/.test(one) && matchesGlob(text, other)) return "MAPPING_WILDCARD";
  return isNear(one, other) ? "MAPPING_NEAR_ARN" : undefined;
}

const invisible = /[\s\u200b-\u200d\u2060\ufeff]+/g;

function relationOfParts(given: Principal, wanted: Principal): Relation {
  const { account, name, type } = given;
  if (type === "root" && account === wanted.account) return "MAPPING_ACCOUNT_ROOT";
  if (name !== wanted.name) return isNearName(given, wanted) ? "MAPPING_NEAR_NAME" : undefined;
  if (account !== wanted.account) return relationOfAccount(account);
  return given.partition === wanted.partition ? relationOfKind(given, wanted) : "MAPPING_OTHER_PARTITION";
}

/** Of two with the same name in the same account. */
function relationOfKind({ service, region, type }: Principal, wanted: Principal): Relation {
  if (service === "sts" && type === "assumed-role") return "MAPPING_STS_ARN";
  if (service !== "iam" || region !== "") return "MAPPING_NEAR_ARN";
  if (type !== wanted.type) return isNear(type, wanted.type) ? "MAPPING_NEAR_ARN" : "MAPPING_OTHER_KIND";
  return type === "role" ? "MAPPING_ROLE_PATH" : "MAPPING_USER_PATH";
}

/** A star belongs to the wildcard rule; any other text is not an account. */
function relationOfAccount(account: string): Relation {
  if (/^\d{12}$/.test(account)) return "MAPPING_OTHER_ACCOUNT";
  return /[*?]/.test(account) ? undefined : "MAPPING_ARN_ACCOUNT_FORM";
}

function isNearName(given: Principal, wanted: Principal): boolean {
  const samePlace = given.account === wanted.account && given.partition === wanted.partition;
  const isComparable = samePlace && given.type === wanted.type && !/[*?]/.test(given.name);
  return isComparable && isNear(given.name, wanted.name);
}

/** `eks-read-only` or `role/eks-read-only` instead of the ARN. */
function relationOfName(text: string, { type, name }: Principal): Relation {
  const isName = name !== "" && [name, `${type}/${name}`].includes(text.replace(/^\//, ""));
  return isName ? "MAPPING_NOT_AN_ARN" : undefined;
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

/** How an ARN that somebody wrote differs from the one that would match. */
import { folded } from "./case-folding.ts";
import { isNear } from "../../foundation/edit-distance.ts";
import { principalOf, type Principal } from "./principal.ts";

/** From the surest cause to the least sure. */
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

/** Undefined when the two have nothing in common. */
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

/** Of all that separates words, also what no editor shows. */
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

/** A star is for the wildcard rule; anything else is no account. */
function accountForm({ account }: Principal): Relation | undefined {
  return /[*?]/.test(account) ? undefined : "account-form";
}

function nearName(given: Principal, wanted: Principal): Relation | undefined {
  const samePlace = given.account === wanted.account && given.partition === wanted.partition;
  if (!samePlace || /[*?]/.test(given.name) || given.type !== wanted.type) return undefined;
  return isNear(given.name, wanted.name) ? "near-name" : undefined;
}

/** `eks-read-only` or `role/eks-read-only` in place of the ARN. */
function relationOfName(text: string, { type, name }: Principal): Relation | undefined {
  return name !== "" && [name, `${type}/${name}`].includes(text.replace(/^\//, "")) ? "no-arn" : undefined;
}

/** Stars stand for any text, question marks for one letter. Taken piece by piece: no pattern makes it slow. */
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

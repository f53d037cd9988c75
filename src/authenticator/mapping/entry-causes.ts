/** The entries that come near to matching, each with the reason why it does not. */
import type { CallerIdentity } from "../caller-identity.ts";
import type { EntryList } from "./aws-auth.ts";
import { folded } from "./case-folding.ts";
import { Certainty, type Cause } from "./cause.ts";
import { counts, type Entry } from "./entry.ts";
import { writtenArn } from "./entry-flaws.ts";
import { misspeltList } from "./misspelt-lists.ts";
import { placeOf } from "./place.ts";
import { principalOf } from "./principal.ts";
import { relationOf, relations, type Relation } from "./relation.ts";
import { relationReason } from "./relation-reasons.ts";

export function entryCauses(list: EntryList, identity: CallerIdentity): Cause[] {
  return list.entries.flatMap((entry) => causeOf(entry, list, identity) ?? []);
}

function causeOf(entry: Entry, list: EntryList, identity: CallerIdentity): Cause | undefined {
  const { canonicalArn } = identity;
  const place = placeOf(entry, list.speltAs);
  if (meansSso(entry, canonicalArn)) return { ...ssoReason(), certainty: Certainty.similar, place };
  const { text, flaw } = writtenArn(entry);
  const relation = relationOf(text, canonicalArn);
  if (!relation)
    return flaw && !list.entries.some(counts) ? { ...flaw, certainty: Certainty.entry, place } : undefined;
  const certainty = certaintyOf(relation);
  if (flaw) return { ...flaw, certainty, place };
  if (list.speltAs !== list.name) return { ...misspeltList(list), certainty, place };
  if (relation === "same") return undefined;
  return { ...relationReason(relation, text, identity), certainty, place };
}

function certaintyOf(relation: Relation): number {
  return relation === "same" ? Certainty.exact : Certainty.similar + relations.indexOf(relation);
}

/** An entry by `sso` that would match if the verifier's feature gate SSORoleMatch were on; it is off by default. */
function meansSso(entry: Entry, canonicalArn: string): boolean {
  const who = principalOf(folded(canonicalArn));
  if (!entry.sso || !who || !counts(entry)) return false;
  return (
    who.account === entry.sso.accountId &&
    who.name.startsWith(folded(`AWSReservedSSO_${entry.sso.permissionSetName}_`))
  );
}

function ssoReason(): Pick<Cause, "code" | "why" | "hint"> {
  return {
    code: "MAPPING_SSO_ENTRY",
    why: "the entry names a permission set under sso, which the verifier does not look at: its feature SSORoleMatch is off",
    hint: "Name the role by its rolearn, without the path /aws-reserved/sso.amazonaws.com/.",
  };
}

/** The result of a mapping: a Kubernetes user, or the reason why there is none. */
import type { CodeOf } from "../../foundation/errors.ts";

export interface MappedUser {
  username: string;
  groups: readonly string[];
  uid: string;
  extra: Readonly<Record<string, readonly string[]>>;
}

export interface Mapped {
  kind: "mapped";
  by: "mapRoles" | "mapUsers" | "mapAccounts" | "access-entry";
  /** `mapRoles, entry 2, line 7`: the line in the list's own text. */
  place: string;
  user: MappedUser;
  warnings: readonly MappingWarning[];
}

/** The entry maps, but maybe not as its author expects. */
export interface MappingWarning extends Reason {
  place?: string;
}

export interface Denied extends Reason {
  kind: "denied";
  /** The nearest entry that does not match. */
  place?: string;
  /** YAML to paste into mapRoles, or into mapUsers if the identity is not a role. */
  entryToAdd: string;
}

export interface Reason {
  /** `MAPPING_…`: stable; listed with cause and cure in docs/errors.md. */
  code: CodeOf<"refused" | "warning", "mapping">;
  /** One sentence, no full stop at the end. */
  why: string;
  /** The next step, in full sentences; empty if there is none. */
  hint: string;
}

// The place of a text in aws-auth, in words with which a person finds it.

/** A foreign text of aws-auth in a sentence: bounded, and with invisible characters made visible. */
export function quoted(text: string): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return JSON.stringify(short);
}

const longest = 160;

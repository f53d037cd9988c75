/** What a mapping comes to: a user of Kubernetes, or why there is none. */
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
  /** `mapRoles, entry 2, line 7`: the line within the list's own text. */
  place: string;
  user: MappedUser;
  warnings: readonly MappingWarning[];
}

/** It maps, and not as its author may think. */
export interface MappingWarning extends Reason {
  place?: string;
}

export interface Denied extends Reason {
  kind: "denied";
  /** Of the nearest entry that does not match. */
  place?: string;
  /** YAML, ready to be pasted into mapRoles, or into mapUsers where the identity is no role. */
  entryToAdd: string;
}

export interface Reason {
  /** `MAPPING_…`: stable; listed with cause and cure in docs/errors.md. */
  code: CodeOf<"refused" | "warning", "mapping">;
  /** One sentence, no full stop at the end. */
  why: string;
  /** What to do. Full sentences; empty when nothing is to be done. */
  hint: string;
}

// Where in aws-auth something stands, in the words a person looks for it by.

/** A text of somebody's aws-auth within a sentence: bounded, and with what cannot be seen made visible. */
export function quoted(text: string): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return JSON.stringify(short);
}

const longest = 160;

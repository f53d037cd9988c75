/** The result of a mapping: a Kubernetes user, or the reason why there is none. */
import type { Reason } from "./reasons.ts";

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

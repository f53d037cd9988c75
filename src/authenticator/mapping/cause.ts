/** One possible cause of a denial. The surest is told. */
import type { Reason } from "./verdict.ts";

export interface Cause extends Reason {
  /** The smaller, the surer. */
  certainty: number;
  place?: string;
}

/** Entries lie between them: see entry-causes.ts. */
export const Certainty = {
  /** The ARN is there, letter for letter. */
  exact: 0,
  /** A list that nobody reads names the ARN. */
  listWithArn: 1,
  /** An entry that is like the one wanted. The relation's place in its order is added, at most 20. */
  similar: 10,
  /** mapAccounts holds the account in another form. */
  account: 17.5,
  listWithName: 18.5,
  /** A list that nobody reads, whatever it holds. */
  list: 40,
  /** An entry without any ARN. */
  entry: 50,
  none: 60,
} as const;

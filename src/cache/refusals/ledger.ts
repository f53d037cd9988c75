/**
 * The record of refusals on this machine: which client received a token, and when a token was replaced.
 * Each record is a small note beside the locks. Its name is a hash and its content reveals nothing. If a note is lost, one
 * refusal is not detected.
 */
import type { Log, Sha256 } from "../../foundation/ports.ts";
import { systemText } from "../../foundation/system-error.ts";

export interface Ledger {
  /** Notes that the client receives this token. @returns the earlier notes */
  give: (token: TokenName, as?: "substitute") => Given;
  /**
   * True for exactly one process of this user in each span of the clock: its number is part of a note's name, and a note is
   * created once. A clock that is set back meets the spans that were used already.
   * @param what any text
   * @param span milliseconds
   */
  claim: (what: string, span: number, now: Date) => boolean;
  sweep: (now: Date) => void;
}

export interface TokenName {
  account: string;
  createdAt: Date;
}

export interface Given {
  /** The same client process has received this token before. */
  again: boolean;
  /** It replaced a token that seemed to be refused. */
  substitute: boolean;
}

/** Small files in a folder that no other user can reach. Every hit makes these calls, so each uses few system calls. */
export interface Notes {
  /**
   * Appends to a note, or creates it. A note that grows too long starts again.
   * @param addition what to append to the present text
   * @returns the text before
   */
  append: (name: string, addition: (text: string) => string) => string;
  /** @returns whether no note had this name */
  create: (name: string) => boolean;
  /** Removes the matching notes whose last change is more than `age` milliseconds before `now`, or after it. */
  remove: (names: RegExp, age: number, now: Date) => void;
}

export interface LedgerPorts {
  notes: Notes;
  /** The process that requests tokens. */
  client: string;
  sha256: Sha256;
  log: Log;
}

/** Longer than the life of any token, and than any span. */
const oldest = 20 * 60_000;

export function ledgerOn({ notes, client, sha256, log }: LedgerPorts): Ledger {
  const orElse = <Value>(call: () => Value, otherwise: Value): Value => {
    try {
      return call();
    } catch (error) {
      log(`refusals are not detected: ${systemText(error)}`);
      return otherwise;
    }
  };
  const short = (text: string): string => sha256(text).slice(0, 24);
  const give = ({ account, createdAt }: TokenName, as?: "substitute"): Given => {
    const entry = entryOf(client, sha256);
    const name = `given-${short(`${account}\n${createdAt.getTime()}`)}`;
    return givenIn(
      notes.append(name, (text) => (as || !givenIn(text, entry).again ? noteOf(entry, as) : "")),
      entry,
    );
  };
  return {
    give: (token, as) => orElse(() => give(token, as), { again: false, substitute: false }),
    claim: (what, span, now) =>
      orElse(() => notes.create(`claim-${short(what)}-${Math.floor(now.getTime() / span)}`), false),
    sweep: (now) => {
      orElse(() => {
        notes.remove(/^(given-[\da-f]{24}|claim-[\da-f]{24}--?\d+)$/, oldest, now);
      }, undefined);
    },
  };
}

const substitute = "substitute";

/** A line for each client, and one more if the token replaced another one. */
export function givenIn(text: string, entry: string): Given {
  const lines = text.split("\n");
  return { again: lines.includes(entry), substitute: lines.includes(substitute) };
}

export function noteOf(entry: string, as?: "substitute"): string {
  return `${as ? `${substitute}\n` : ""}${entry}\n`;
}

/** Of one length for every client. */
export function entryOf(client: string, sha256: Sha256): string {
  return sha256(client).slice(0, 16);
}

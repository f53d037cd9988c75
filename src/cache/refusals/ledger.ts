/**
 * What this machine remembers of refusals: small files beside the locks, in the folder that lock-folder.ts has found private.
 * Their names are hashes and their content says nothing; each is a few system calls, since every hit makes them.
 * Losing one costs no more than a refusal that goes unnoticed once.
 */
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { sha256 } from "../cache-key.ts";
import { givenIn, noteOf, type Given } from "./given.ts";
import { attempt, systemText } from "../../foundation/system-error.ts";

export interface Ledger {
  /** Notes that the client gets this token now. @returns what had been noted before */
  give: (token: TokenName, as?: "substitute") => Given;
  /**
   * True for exactly one process of this user in each span of the clock: its number is part of a file's name, and a file is
   * created once. A clock that is set back meets the spans that were used already.
   * @param what any text
   * @param span milliseconds
   */
  claim: (what: string, span: number, now: Date) => boolean;
  /** Removes what no one can need any more. */
  sweep: (now: Date) => void;
}

/** One token of those that an entry has held. */
export interface TokenName {
  account: string;
  createdAt: Date;
}

export interface LedgerPlace {
  folder: string;
  client: string;
  /** For --verbose. */
  tell: (line: string) => void;
}

/** Nearly four thousand clients, more than one token ever sees; then it begins again. */
const longestText = 64 * 1024;
/** Longer than any token lives, and than any span. */
const oldest = 20 * 60_000;

export function ledgerIn({ folder, client, tell }: LedgerPlace): Ledger {
  const orElse = <Value>(call: () => Value, otherwise: Value): Value => {
    try {
      return call();
    } catch (error) {
      tell(`refusals are not noticed: ${systemText(error)}`);
      return otherwise;
    }
  };
  return {
    give: (token, as) =>
      orElse(() => give(`${folder}/given-${nameOf(token)}`, client, as), { again: false, substitute: false }),
    claim: (what, span, now) =>
      orElse(() => create(`${folder}/claim-${short(what)}-${Math.floor(now.getTime() / span)}`), false),
    sweep: (now) => {
      orElse(() => {
        sweep(folder, now);
      }, undefined);
    },
  };
}

function nameOf({ account, createdAt }: TokenName): string {
  return short(`${account}\n${createdAt.getTime()}`);
}

function short(text: string): string {
  return sha256(text).slice(0, 24);
}

/** Appended in one call, which the kernel does not interleave with another's. */
function give(path: string, client: string, as: "substitute" | undefined): Given {
  const file = openSync(path, "a+", 0o600);
  try {
    const text = readFileSync(file, "utf8");
    const given = givenIn(text, client);
    if (!given.again || as) writeSync(file, noteOf(client, as));
    if (text.length > longestText) unlinkSync(path);
    return given;
  } finally {
    closeSync(file);
  }
}

/** @returns whether it was not there before */
function create(path: string): boolean {
  return attempt(() => {
    closeSync(openSync(path, "wx", 0o600));
  }, ["EEXIST"]);
}

/** What is from the future was left by a clock that has been set back. */
function sweep(folder: string, now: Date): void {
  for (const name of readdirSync(folder).filter((entry) => /^(given|claim)-/.test(entry)))
    attempt(() => {
      const path = `${folder}/${name}`;
      if (Math.abs(now.getTime() - lstatSync(path).mtimeMs) > oldest) unlinkSync(path);
    }, ["ENOENT"]);
}

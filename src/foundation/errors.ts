/**
 * The one error type. Every failure names the hop that failed, a stable code, what was wrong with which
 * input, and what to do next. Messages and hints never contain key material, tokens, signatures or presigned URLs.
 */
// A type alone, which the build erases: no run loads the table of several hundred codes.
import type table from "./error-codes.json";

type Table = typeof table;

/** `certificate or private-key` is a key of the table for codes of both, and `any` for codes of all. */
type EachOf<Key, All> = Key extends "any"
  ? All
  : Key extends `${infer One} or ${infer Other}`
    ? One | Other
    : Key;

/** The kind of failure, which decides the exit code. */
export type Category = EachOf<Exclude<keyof Table, "warning">, never>;

/** The place of a failure on the way from kubectl to the cluster. */
export type Hop = EachOf<{ [Kind in keyof Table]: keyof Table[Kind] }[keyof Table], never>;

type Row = {
  [Kind in keyof Table]: {
    [At in keyof Table[Kind]]: {
      category: EachOf<Kind, Category>;
      hop: EachOf<At, Hop>;
      code: CodesIn<Table[Kind][At]>;
    };
  }[keyof Table[Kind]];
}[keyof Table];

type CodesIn<Sections> = {
  [Title in keyof Sections]: Sections[Title] extends { codes: infer Codes } ? keyof Codes : never;
}[keyof Sections];

/** The rows, one by one, whose `Name` holds `Value`. */
type RowsWith<Name extends keyof Row, Value, Each = Row> = Each extends Row
  ? Value extends Each[Name]
    ? Each
    : never
  : never;

export type ErrorCode = Row["code"];

export type CodeOf<Kind extends Row["category"], At extends Hop> = RowsWith<
  "hop",
  At,
  RowsWith<"category", Kind>
>["code"];

/** Documented and stable: scripts depend on them. See docs/errors.md. */
export const exitCodes: Readonly<Record<Category, number>> = {
  other: 1,
  usage: 2,
  identity: 3,
  network: 4,
  refused: 5,
};

/** Category and hop are those of the code's row in error-codes.json. */
export interface Failure<Code extends ErrorCode = ErrorCode> {
  category: Extract<RowsWith<"code", Code>["category"], Category>;
  hop: RowsWith<"code", Code>["hop"];
  /** Stable, upper case; docs/errors.md lists each with its cause and its cure. */
  code: Code;
  /** What was wrong with which input. One sentence without a full stop at the end. */
  message: string;
  hint: string;
  cause?: unknown;
}

export interface EksX509Error extends Error, Omit<Failure, "cause"> {
  /** The same failure with a better hint, and optionally a better message, from a caller with more information. */
  withHint(hint: string, message?: string): EksX509Error;
}

/** The compiler checks category and hop against the row of the code. */
type Constructor = new <Code extends ErrorCode>(failure: Failure<Code>) => EksX509Error;

class KnownError extends Error implements EksX509Error {
  readonly category: Category;
  readonly hop: Hop;
  readonly code: ErrorCode;
  readonly hint: string;

  constructor({ category, hop, code, message, hint, cause }: Pick<Failure, keyof Failure>) {
    super(message, { cause });
    this.name = "EksX509Error";
    this.category = category;
    this.hop = hop;
    this.code = code;
    this.hint = hint;
  }

  withHint(hint: string, message = this.message): EksX509Error {
    const { category, hop, code, cause } = this;
    return new KnownError({ category, hop, code, message, hint, cause });
  }
}

export const EksX509Error: Constructor = KnownError;

/** Makes the errors of one category and hop: `const refused = errorsOf("refused", "sts")`. */
export function errorsOf<Kind extends Category, At extends Hop>(category: Kind, hop: At) {
  return (code: CodeOf<Kind, At>, message: string, hint: string, cause?: unknown): EksX509Error =>
    new KnownError({ category, hop, code, message, hint, cause });
}

export const usageError = errorsOf("usage", "configuration");

/** The result of some work, or its failure. Any other error is a bug, and is thrown. */
export async function settled<Result>(work: Promise<Result>): Promise<Result | EksX509Error> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof EksX509Error) return error;
    throw error;
  }
}

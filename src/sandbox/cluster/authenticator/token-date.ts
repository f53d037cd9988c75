/** X-Amz-Date as Go's time.Parse reads the layout `20060102T150405Z`, in its words. */
import { bytesOf } from "./byte-string.ts";
import { formatError } from "./token-error.ts";

const layout = "20060102T150405Z";

interface Piece {
  /** As the layout spells it. */
  element: string;
  form: RegExp;
  /** What it is called when it is out of bounds. */
  name?: string;
  bounds?: readonly [number, number];
}

/** The pieces of the layout, in order. */
const pieces: readonly Piece[] = [
  { element: "2006", form: /^\d{4}/ },
  { element: "01", form: /^\d\d/, name: "month", bounds: [1, 12] },
  { element: "02", form: /^\d\d/ },
  { element: "T", form: /^T/ },
  { element: "15", form: /^\d\d?/, name: "hour", bounds: [0, 23] },
  { element: "04", form: /^\d\d/, name: "minute", bounds: [0, 59] },
  // A fraction may follow the seconds although the layout has none.
  { element: "05", form: /^\d\d(?:[.,]\d+)?/, name: "second", bounds: [0, 59] },
  { element: "Z", form: /^Z/ },
];

/** @throws {TokenError} of kind `format`. */
export function parseTokenDate(date: string): Date {
  const numbers: number[] = [];
  const rest = pieces.reduce((left, piece) => {
    const matched = piece.form.exec(left)?.[0];
    if (matched === undefined) {
      throw problem(date, ` as "${layout}": cannot parse ${quote(left)} as "${piece.element}"`);
    }
    if (/^\d/.test(matched)) numbers.push(withinBounds(date, Number.parseInt(matched, 10), piece));
    return left.slice(matched.length);
  }, date);
  if (rest !== "") throw problem(date, `: extra text: ${quote(rest)}`);
  return calendarDate(date, numbers);
}

function withinBounds(date: string, number: number, { name, bounds }: Piece): number {
  const [least, most] = bounds ?? [number, number];
  if (number >= least && number <= most) return number;
  throw problem(date, `: ${name ?? ""} out of range`);
}

function calendarDate(date: string, [year = 0, month = 0, day = 0, ...time]: readonly number[]): Date {
  const parsed = new Date(0);
  parsed.setUTCFullYear(year, month - 1, day);
  if (parsed.getUTCDate() !== day) throw problem(date, ": day out of range");
  const [hour = 0, minute = 0, second = 0] = time;
  const fraction = /[.,](\d{1,3})/.exec(date)?.[1] ?? "";
  parsed.setUTCHours(hour, minute, second, Number.parseInt(fraction.padEnd(3, "0"), 10));
  return parsed;
}

/** As Go prints a time in UTC, to the millisecond. */
export function formatTokenDate(date: Date): string {
  return date
    .toISOString()
    .replace("T", " ")
    .replace(/\.?0*Z$/, " +0000 UTC");
}

function problem(date: string, reason: string): Error {
  const opening = `error parsing X-Amz-Date parameter ${date} into format ${layout}`;
  return formatError(`${opening}: parsing time ${quote(date)}${reason}`);
}

/** The time package quotes by itself, more plainly than `%q`. */
function quote(text: string): string {
  const bytes = bytesOf(text).replace(/["\\]/g, "\\$&");
  const escapes = bytes.replace(
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\0-\x1f\x80-\xff]/g,
    (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${escapes}"`;
}

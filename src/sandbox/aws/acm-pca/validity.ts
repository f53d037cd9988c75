/** The end of a certificate that AWS Private CA issues. AWS Private CA API reference, Validity. */
import { timeIn } from "../../../foundation/duration.ts";
import { type JsonObject, textIn } from "../../json-value.ts";

const day = 24 * 60 * 60 * 1000;

/** Undefined for an end that is no date. */
export function notAfterOf(validity: JsonObject, now: Date): Date | undefined {
  const value = typeof validity["Value"] === "number" ? validity["Value"] : 0;
  switch (textIn(validity, "Type")) {
    case "DAYS":
      return valid(new Date(now.getTime() + value * day));
    case "MONTHS":
      return valid(monthsLater(now, value));
    case "YEARS":
      return valid(monthsLater(now, value * 12));
    case "ABSOLUTE":
      return valid(new Date(value * 1000));
    default:
      return endDate(String(value));
  }
}

function monthsLater(now: Date, months: number): Date {
  const later = new Date(now);
  later.setUTCMonth(later.getUTCMonth() + months);
  return later;
}

/** UTCTime or GeneralizedTime, as a number: YYMMDDHHMMSS or YYYYMMDDHHMMSS. Below 50, a two-digit year is of this century. */
function endDate(digits: string): Date | undefined {
  const text = digits.length <= 12 ? centuryOf(digits.padStart(12, "0")) : digits;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/;
  return parts.test(text) ? timeIn(text.replace(parts, "$1-$2-$3T$4:$5:$6Z")) : undefined;
}

function centuryOf(digits: string): string {
  return (Number(digits.slice(0, 2)) < 50 ? "20" : "19") + digits;
}

/** X.509 has no later date (RFC 5280 §4.1.2.5). */
function valid(date: Date): Date | undefined {
  return date.getTime() <= Date.UTC(9999, 11, 31, 23, 59, 59) ? date : undefined;
}

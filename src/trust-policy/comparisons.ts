/**
 * How each family of condition operators compares a value of the request with a value of the policy. IAM user guide, "IAM JSON policy
 * elements: Condition operators". The result is undefined if a value is not of the family's form, for which the guide gives no result.
 */
import { timeIn } from "../foundation/duration.ts";
import { arnComponents, isLike, literal, textOf, type Pattern } from "./pattern.ts";

export type Comparison = (given: string, wanted: Pattern) => boolean | undefined;

export const isEqual: Comparison = (given, wanted) => given === textOf(wanted);

/** The guide does not say how letters compare whose case pairs are not unique, such as ß, ς and the Kelvin sign. */
export const isEqualIgnoringCase: Comparison = (given, wanted) => {
  const text = textOf(wanted);
  const isLowerEqual = given.toLowerCase() === text.toLowerCase();
  const isUpperEqual = given.toUpperCase() === text.toUpperCase();
  return isLowerEqual === isUpperEqual ? isLowerEqual : undefined;
};

export const isLikeText: Comparison = (given, wanted) => isLike(given, wanted);

/** Each of the six components is compared separately, so a wildcard does not reach over a colon. */
export const isLikeArn: Comparison = (given, wanted) => {
  const patterns = arnComponents(wanted);
  if (!patterns || textOf(patterns[0] ?? []) !== "arn") return undefined;
  const values = arnComponents(literal(given));
  return values?.every((value, index) => isLike(textOf(value), patterns[index] ?? [])) ?? false;
};

/** @param holds of the sign of the difference: -1, 0 or 1 */
export function ofNumbers(holds: (sign: number) => boolean): Comparison {
  return (given, wanted) => {
    const [one, other] = [decimalIn(given), decimalIn(textOf(wanted))];
    return one && other && holds(signOf(one.digits * other.scale, other.digits * one.scale));
  };
}

export function ofDates(holds: (sign: number) => boolean): Comparison {
  return (given, wanted) => {
    const [one, other] = [dateIn(given), dateIn(textOf(wanted))];
    return one === undefined || other === undefined ? undefined : holds(Math.sign(one - other));
  };
}

export const isSameBoolean: Comparison = (given, wanted) => {
  const text = textOf(wanted);
  return isBoolean(given) && isBoolean(text) ? given === text : undefined;
};

function isBoolean(text: string): boolean {
  return text === "true" || text === "false";
}

/** The policy has the bytes in base64. In the guide's table, the request has base64 too, so the result for the same text is not known. */
export const isSameBinary: Comparison = (given, wanted) => {
  const text = textOf(wanted);
  if (given === text) return undefined;
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes.equals(Buffer.from(given)) : undefined;
};

/** A range in CIDR form. An IPv4 address alone is a range of one. */
export const isInRange: Comparison = (given, wanted) => {
  const [first = "", length, ...more] = textOf(wanted).split("/");
  const [address, network] = [addressIn(given), addressIn(first)];
  if (!address || !network || more.length > 0) return undefined;
  const hasPrefix = (bits: number): boolean =>
    address.length === network.length && address.startsWith(network.slice(0, bits));
  if (length === undefined) return hasPrefix(defaultLength) ? isAlone(address, network) : false;
  const bits = prefixLength(length);
  return bits === undefined || bits > network.length ? undefined : hasPrefix(bits);
};

/** The guide names this one for an address without a length, and does not say that IPv6 has another. */
const defaultLength = 32;

function isAlone(address: string, network: string): true | undefined {
  return address === network ? true : undefined;
}

function prefixLength(text: string): number | undefined {
  return /^(0|[1-9]\d{0,2})$/.test(text) ? Number(text) : undefined;
}

/** The bits of an address, 32 or 128, as text of 0 and 1. */
export function addressIn(text: string): string | undefined {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1);
  if (octets) {
    const isAddress = octets.every((octet) => Number(octet) <= 255 && String(Number(octet)) === octet);
    return isAddress ? octets.map((octet) => bitsOf(Number(octet), 8)).join("") : undefined;
  }
  return /^[\da-f:.]*:[\da-f:.]*$/i.test(text) ? ipv6(text) : undefined;
}

function ipv6(text: string): string | undefined {
  if (!URL.canParse(`http://[${text}]`)) return undefined;
  // In the form of RFC 5952, without IPv4 notation.
  const [head = "", tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::");
  const groups = (part: string | undefined): string[] => (part ?? "").split(":").filter(Boolean);
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].map((group) => bitsOf(Number.parseInt(group, 16), 16)).join("");
}

function bitsOf(value: number, length: number): string {
  return value.toString(2).padStart(length, "0");
}

interface Decimal {
  digits: bigint;
  /** A power of ten, by which the digits are divided. */
  scale: bigint;
}

function decimalIn(text: string): Decimal | undefined {
  const [written, sign = "", whole = "", fraction = ""] =
    /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?$/.exec(text) ?? [];
  if (written === undefined) return undefined;
  const digits = BigInt(whole + fraction);
  return { digits: sign === "-" ? -digits : digits, scale: 10n ** BigInt(fraction.length) };
}

function signOf(one: bigint, other: bigint): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/**
 * A form of ISO 8601 that the W3C's note on dates has, or seconds since 1970. Four digits alone can be a year or such seconds.
 * @returns milliseconds
 */
function dateIn(text: string): number | undefined {
  if (/^\d{5,12}(\.\d{1,3})?$/.test(text)) return Number(text) * 1000;
  const match = dateForm.exec(text)?.groups;
  if (!match) return undefined;
  const { month = "", day = "01", clock = "00:00", seconds = ":00", zone = "Z" } = match;
  return timeIn(`${month}-${day}T${clock}${seconds}${zone}`)?.getTime();
}

const dateForm =
  /^(?<month>\d{4}-\d\d)(?:-(?<day>\d\d)(?:T(?<clock>\d\d:\d\d)(?<seconds>:\d\d(?:\.\d+)?)?(?<zone>Z|[+-]\d\d:\d\d))?)?$/;

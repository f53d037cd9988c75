/** Durations in words, for messages: `3 days`, `2 hours`, `40 seconds`. The largest unit that fits, rounded down. */
const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

export function inWords(milliseconds: number): string {
  const span = Math.abs(milliseconds);
  const [unit, length] = units.find(([, length]) => span >= length) ?? ["second", 1_000];
  const count = Math.floor(span / length);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** RFC 3339 as Go reads it: with a zone, and with capital letters. */
const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,3})?\d*(Z|[+-]\d\d:\d\d)$/;

/** Undefined also for 30 February and 24:00, of which JavaScript makes the next day. */
export function timeIn(text: string): Date | undefined {
  const [, day = "", fraction = "", zone = ""] = rfc3339.exec(text) ?? [];
  const [written, time] = [new Date(`${day}Z`), new Date(`${day}${fraction}${zone}`)];
  if (Number.isNaN(written.getTime()) || Number.isNaN(time.getTime())) return undefined;
  return written.toISOString().startsWith(day) ? time : undefined;
}

/** RFC 3339 in UTC without fractions of a second, as AWS and Kubernetes write times. */
export function wholeSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

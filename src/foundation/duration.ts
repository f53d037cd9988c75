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

/** RFC 3339 in UTC without fractions of a second, as AWS and Kubernetes write times. */
export function wholeSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

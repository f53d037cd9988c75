/** X-Amz-Date as Go's time.Parse reads it in the layout 20060102T150405Z: a fraction may follow the seconds. */

export type DateReading = Date | "malformed" | "impossible";

const layout = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:[.,](\d+))?Z$/;

/** In UTC, to the millisecond. */
export function readSigningDate(text: string): DateReading {
  const [, year, month, day, hour, minute, second, fraction = ""] = layout.exec(text) ?? [];
  if (year === undefined) return "malformed";
  const milliseconds = fraction.slice(0, 3).padEnd(3, "0");
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`);
  // JavaScript makes 3 March of 31 February, and the next midnight of 24:00: Go refuses both.
  return date.getUTCDate() === Number(day) ? date : "impossible";
}

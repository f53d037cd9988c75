/** X-Amz-Date: ISO 8601 basic format in UTC, `20261122T155806Z`. */

/** Both services allow this difference between the signing time and now: 15 minutes, in milliseconds. */
export const tolerance = 15 * 60 * 1000;

/** Reads a date; undefined if it is malformed or does not exist. */
export function parseAmzDate(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, ...rest] = parts.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, ...rest));
  return formatAmzDate(date) === text ? date : undefined;
}

export function formatAmzDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, "");
}

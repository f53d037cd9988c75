const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

const steps = [
  { below: 2 * minute, unit: second, sign: "s" },
  { below: 10 * minute, unit: minute, sign: "m", rest: { unit: second, sign: "s" } },
  { below: 3 * hour, unit: minute, sign: "m" },
  { below: 8 * hour, unit: hour, sign: "h", rest: { unit: minute, sign: "m" } },
  { below: 2 * day, unit: hour, sign: "h" },
  { below: 8 * day, unit: day, sign: "d", rest: { unit: hour, sign: "h" } },
  { below: 2 * year, unit: day, sign: "d" },
  { below: 8 * year, unit: year, sign: "y", rest: { unit: day, sign: "d" } },
  { below: Infinity, unit: year, sign: "y" },
];

/** An age as kubectl prints it, with two or three significant figures: `118s`, `9m30s`, `47h`, `7d3h`. */
export function humanDuration(milliseconds: number): string {
  // Clocks can differ slightly.
  if (milliseconds < 0) return milliseconds > -2 * second ? "0s" : "<invalid>";
  const step = steps.find(({ below }) => milliseconds < below);
  if (step === undefined) return "<unknown>";
  const whole = `${Math.floor(milliseconds / step.unit)}${step.sign}`;
  if (step.rest === undefined) return whole;
  const rest = Math.floor((milliseconds % step.unit) / step.rest.unit);
  return rest === 0 ? whole : `${whole}${rest}${step.rest.sign}`;
}

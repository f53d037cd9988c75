/** A time as EKS and AWS Private CA return it in JSON: seconds since 1970, with a fraction. */
export function epochSeconds(date: Date): number {
  return date.getTime() / 1000;
}

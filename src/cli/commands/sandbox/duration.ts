/** `eks-x509 sandbox --session-duration`: the lifetime of the sandbox's sessions, to watch an hour's renewals in a minute. */
import { EksX509Error } from "../../../foundation/errors.ts";
import { shown } from "../../../foundation/shown.ts";

/** Seconds. A token expires one minute before its session, so a session must be longer. IAM's maximum is twelve hours. */
const shortest = 62;
const longest = 43_200;

/** @throws EksX509Error SANDBOX_SESSION_DURATION */
export function sandboxDuration(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^[1-9]\d{0,5}$/.test(value) ? Number(value) : 0;
  if (seconds >= shortest && seconds <= longest) return seconds;
  throw new EksX509Error({
    category: "usage",
    hop: "sandbox",
    code: "SANDBOX_SESSION_DURATION",
    message: `--session-duration ${shown(value)} is not a number of seconds from ${shortest} to ${longest}`,
    hint: "A token expires one minute before its session: 75 creates tokens of 15 seconds.",
  });
}

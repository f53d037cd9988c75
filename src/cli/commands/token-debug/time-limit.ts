/** The time limit of a whole run. Each request and each program has its own, and a run has many of them. */
import { once } from "node:events";
import { EksX509Error } from "../../../foundation/errors.ts";
import type { Http } from "../../../http/client.ts";

/** In docs/token-debug.md. The usual minute of another tool's plugin, and another one for all servers. */
export const longestRun = 120;

/** From the deadline on no request is made, so that the walk ends with what it has found by then. */
export function endingAt(deadline: AbortSignal, http: Http): Http {
  return (call) => {
    const timedOut = (): EksX509Error =>
      new EksX509Error({
        category: "network",
        hop: call.hop,
        code: "DEBUG_TIMED_OUT",
        message: `token debug ended after ${longestRun} seconds, before there was an answer`,
        hint: "Several servers or a program of this run are slow. Run it again, and watch which hop takes long.",
      });
    if (deadline.aborted) return Promise.reject(timedOut());
    const passed = once(deadline, "abort").then(() => Promise.reject(timedOut()));
    return Promise.race([http(call), passed]);
  };
}

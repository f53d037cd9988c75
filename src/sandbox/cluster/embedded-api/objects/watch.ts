import { setTimeout as delay } from "node:timers/promises";
import { type Answer, type Call, rendered } from "../exchange/answer.ts";
import { StatusError, badRequest } from "../exchange/status.ts";
import { selector, type Selector } from "./selectors.ts";
import { type Change, isIn } from "./store.ts";

/**
 * A watch. wire.ts supports only complete bodies, so the answer is held back until there is an event, then sent and
 * ended. Clients treat this as a watch that timed out, and continue from the last resource version.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export function watch(call: Call): Answer {
  if (call.query.has("sendInitialEvents")) throw withoutStreaming();
  const wanted = selector(call.query);
  const since = Number(call.query.get("resourceVersion") ?? "0");
  if (!Number.isSafeInteger(since) || since < 0) throw badRequest("invalid resource version");
  const now = since === 0 ? initialEvents(call, wanted) : eventsSince(call, wanted, since);
  // An impossible request is refused at once, and only a valid one waits.
  const body = now || laterEvents(call, wanted, since || call.store.version, deadline(call));
  return { status: 200, contentType: "application/json", body, why: "" };
}

/** The server's answer without the WatchList feature. Clients fall back to a list and a watch. */
const withoutStreaming = () =>
  new StatusError(
    "Invalid",
    "ListOptions.meta.k8s.io is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch " +
      "unless the WatchList feature gate is enabled",
    { group: "meta.k8s.io", kind: "ListOptions" },
  );

function initialEvents(call: Call, wanted: Selector): string {
  const objects = call.store.list(call.key).filter(wanted);
  return objects.map((object) => line({ type: "ADDED", object: rendered(call, object) })).join("");
}

/** Empty if there are none before the deadline. */
async function laterEvents(
  call: Call,
  wanted: Selector,
  since: number,
  over: Promise<true>,
): Promise<string> {
  if ((await Promise.race([call.store.nextChange(), over])) === true) return "";
  const events = eventsSince(call, wanted, since);
  // The events up to here were checked, and the store can drop them during the wait.
  return events || laterEvents(call, wanted, call.store.version, over);
}

/** The default of the real server's --min-request-timeout is half an hour; the client can request less. */
function deadline({ query }: Call): Promise<true> {
  const seconds = Math.min(Number(query.get("timeoutSeconds") ?? "") || 1800, 86_400);
  // Not referenced, so that an open watch does not keep the process running.
  return delay(seconds * 1000, true, { ref: false });
}

function eventsSince(call: Call, wanted: Selector, since: number): string {
  const changes = call.store.changesSince(since);
  if (changes === undefined)
    throw new StatusError("Expired", `too old resource version: ${since} (${call.store.version})`);
  return changes
    .filter((change) => isIn(change, call.key))
    .map((change) => eventOf(call, wanted, change))
    .join("");
}

/** A change that makes the object match the selection is ADDED. A change that ends the match is DELETED. */
function eventOf(call: Call, wanted: Selector, { type, object, previous }: Change): string {
  const is = type !== "DELETED" && wanted(object);
  const was = previous !== undefined && wanted(previous);
  if (!is && !was) return "";
  return line({ type: is ? (was ? "MODIFIED" : "ADDED") : "DELETED", object: rendered(call, object) });
}

const line = (event: object) => `${JSON.stringify(event)}\n`;

import { type Answer, type Call, rendered } from "../exchange/answer.ts";
import { selector, type Selector } from "./selectors.ts";
import { badRequest, expired, StatusError } from "../exchange/status.ts";
import type { Change } from "./store.ts";

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
  const body = since === 0 ? initialEvents(call, wanted) : laterEvents(call, wanted, since);
  return { status: 200, contentType: "application/json", body, why: "" };
}

/** The server's answer without the WatchList feature. Clients fall back to a list and a watch. */
const withoutStreaming = () =>
  new StatusError(
    422,
    "Invalid",
    "ListOptions.meta.k8s.io is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch " +
      "unless the WatchList feature gate is enabled",
    { group: "meta.k8s.io", kind: "ListOptions" },
  );

function initialEvents(call: Call, wanted: Selector): string | Promise<string> {
  const objects = call.store.list(call.key, call.key.namespace).filter(wanted);
  if (objects.length === 0) return laterEvents(call, wanted, call.store.version);
  return objects.map((object) => line({ type: "ADDED", object: rendered(call, object) })).join("");
}

/** Refuses an impossible request at once, and waits only for a valid one. */
function laterEvents(call: Call, wanted: Selector, since: number): string | Promise<string> {
  const told = eventsSince(call, wanted, since);
  if (told !== "") return told;
  const waited = deadline(call);
  return untilTold(call, wanted, since, waited);
}

async function untilTold(
  call: Call,
  wanted: Selector,
  since: number,
  waited: Promise<"over">,
): Promise<string> {
  const woken = await Promise.race([call.store.nextChange(), waited]);
  if (woken === "over") return "";
  const told = eventsSince(call, wanted, since);
  // The events up to here were checked, and the store can drop them during the wait.
  return told === "" ? untilTold(call, wanted, call.store.version, waited) : told;
}

/** The default of the real server's --min-request-timeout is half an hour; the client can request less. */
function deadline({ query }: Call): Promise<"over"> {
  const seconds = Math.min(Number(query.get("timeoutSeconds") ?? "") || 1800, 86_400);
  return new Promise((resolve) => {
    // Not referenced, so that an open watch does not keep the process running.
    setTimeout(() => {
      resolve("over");
    }, seconds * 1000).unref();
  });
}

function eventsSince(call: Call, wanted: Selector, since: number): string {
  const changes = call.store.changesSince(since);
  if (changes === undefined) throw expired(since, call.store.version);
  const { group, resource, namespace } = call.key;
  return changes
    .filter(({ key }) => key.group === group && key.resource === resource)
    .filter(({ key }) => namespace === "" || key.namespace === namespace)
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

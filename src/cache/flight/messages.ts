/**
 * What the holder of a lock sends to those that wait: the outcome of its work, as one line of JSON. It may hold a
 * session, so it goes through a private socket only, never into a file or a log.
 */
import { exitCodes, EksX509Error, type Category, type ErrorCode, type Hop } from "../../foundation/errors.ts";
import { isObject, parseJson } from "../../foundation/json.ts";

export type Outcome = { kind: "text"; text: string } | { kind: "failure"; failure: EksX509Error };

/** Counts up when a line changes its meaning: programs of two versions may run at once. */
const formatVersion = 1;

/** A session has about 2 KiB. A kernel takes this much at once, so that no slow reader can keep a holder waiting. */
export const longestLine = 64 * 1024;

/** A record, so that the compiler notices a hop that was forgotten here. */
const hops: Readonly<Record<Hop, true>> = {
  configuration: true,
  "exec-info": true,
  certificate: true,
  "private-key": true,
  cache: true,
  "create-session": true,
  session: true,
  token: true,
  kubeconfig: true,
  plugin: true,
  sts: true,
  mapping: true,
  eks: true,
  "api-server": true,
  authorization: true,
  sandbox: true,
  output: true,
};

/** With its line end. Undefined when it is too long to be sent. */
export function writeOutcome(key: string, outcome: Outcome): string | undefined {
  const line = `${JSON.stringify({ v: formatVersion, key, ...contentOf(outcome) })}\n`;
  return Buffer.byteLength(line) <= longestLine ? line : undefined;
}

function contentOf(outcome: Outcome): Record<string, unknown> {
  if (outcome.kind === "text") return { text: outcome.text };
  const { category, hop, code, message, hint } = outcome.failure;
  return { failure: { category, hop, code, message, hint } };
}

/**
 * @param key in full: a lock's name holds only its beginning, and another key's session must never be taken
 * @returns undefined for anything that this version did not write for this key
 */
export function readOutcome(key: string, line: string): Outcome | undefined {
  const json = parseJson(line);
  if (!isObject(json) || json["v"] !== formatVersion || json["key"] !== key) return undefined;
  const { text, failure } = json;
  if (typeof text === "string") return failure === undefined ? { kind: "text", text } : undefined;
  return isObject(failure) ? failureOf(failure) : undefined;
}

function failureOf({ category, hop, code, message, hint }: Record<string, unknown>): Outcome | undefined {
  if (!isCategory(category) || !isHop(hop)) return undefined;
  if (!isCode(code) || typeof message !== "string" || typeof hint !== "string") return undefined;
  return { kind: "failure", failure: new EksX509Error({ category, hop, code, message, hint }) };
}

function isCategory(value: unknown): value is Category {
  return typeof value === "string" && Object.hasOwn(exitCodes, value);
}

/** By its form alone: the table of codes is not there at run time. */
function isCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && /^[A-Z][A-Z0-9_]+$/.test(value);
}

function isHop(value: unknown): value is Hop {
  return typeof value === "string" && Object.hasOwn(hops, value);
}

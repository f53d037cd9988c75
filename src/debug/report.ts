/** What `token debug` finds out: one entry a hop, in the chain's order. Pure; printed by src/cli/debug-text.ts and debug-json.ts. */

/** In the order in which kubectl's request goes through them. */
export const debugHops = [
  "kubeconfig",
  "configuration",
  "plugin",
  "certificate",
  "clock",
  "create-session",
  "session",
  "token",
  "sts",
  "mapping",
  "api-server",
  "authorization",
  "audit",
] as const;

export type DebugHop = (typeof debugHops)[number];

export type HopStatus = "ok" | "failed" | "warning" | "not-reached";

/** `[label, value]`, for the lines below a hop. Nothing secret. */
export type Fact = readonly [label: string, value: string];

export interface HopReport {
  name: DebugHop;
  status: HopStatus;
  /** Stable, from docs/errors.md; undefined when there is nothing to say. */
  code?: string;
  /** One line: what was found, or what was wrong with which input. */
  detail: string;
  /** What to do next; empty when nothing is to be done. */
  hint: string;
  facts: readonly Fact[];
}

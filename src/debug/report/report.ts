/** What `token debug` has found out: an entry a hop, in the chain's order. docs/token-debug.md describes it. Nothing in it is secret. */
import type { CallerIdentity } from "../../authenticator/caller-identity.ts";
import { exitCodes, type Category, type ErrorCode } from "../../foundation/errors.ts";

/** In the order in which a request of kubectl's goes through them. */
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
  "cluster",
  "mapping",
  "api-server",
  "authorization",
  "audit",
] as const;

export type DebugHop = (typeof debugHops)[number];

export type HopStatus = "ok" | "failed" | "warning" | "not-reached";

/** For a line below a hop. */
export type Fact = readonly [label: string, value: string];

export interface HopReport {
  name: DebugHop;
  status: HopStatus;
  /** Stable, from docs/errors.md; null when there is nothing to say. */
  code: ErrorCode | null;
  /** One line: what was found, or what was wrong with which input. */
  detail: string;
  /** What to do next; empty when nothing is to be done. */
  hint: string;
  facts: readonly Fact[];
}

/** What a token claims of itself. */
export interface TokenReport {
  length: number;
  partition: string | null;
  region: string | null;
  host: string | null;
  accessKeyId: string | null;
  /** Decoded from the access key id. */
  account: string | null;
  /** RFC 3339. */
  signedAt: string | null;
  validUntil: string | null;
  clusterHeaderSigned: boolean;
}

export interface MappingReport {
  /** What maps it; the API server, where nothing else could be read. */
  by: "mapRoles" | "mapUsers" | "mapAccounts" | "access-entry" | "api-server";
  /** `mapRoles, entry 2, line 7`; null where nothing could be read. */
  place: string | null;
  username: string;
  groups: readonly string[];
  uid: string;
  extra: Readonly<Record<string, readonly string[]>>;
}

export type Verdict = "accepted" | "refused" | "unknown";

export interface Report {
  verdict: Verdict;
  hops: readonly HopReport[];
  token: TokenReport | null;
  identity: CallerIdentity | null;
  mapping: MappingReport | null;
  exitCode: number;
}

/** What the verdict is made of. */
export interface Outcome {
  /** Of the first failure. */
  category: Category | undefined;
  code?: ErrorCode | undefined;
  /** Whether whoever decides was asked, and said yes. */
  isAccepted: boolean;
  /** Whether no more was wanted than what was checked. */
  isOffline: boolean;
}

/** What stops this command, and need not stop kubectl. */
const unknownCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "API_PROXY_SOCKS",
  "PLUGIN_NEEDS_TERMINAL",
  "PLUGIN_WANTS_TERMINAL",
  "PLUGIN_TIMED_OUT",
  "PLUGIN_CANCELLED",
]);

function isBeyondThisCommand({ code }: Outcome): boolean {
  return code !== undefined && unknownCodes.has(code);
}

/** What cannot be found out is unknown; what will not work, wherever it ends, is refused. */
export function verdictOf(outcome: Outcome): Verdict {
  const { category, isAccepted } = outcome;
  if (category === "network" || isBeyondThisCommand(outcome)) return "unknown";
  if (category !== undefined) return "refused";
  return isAccepted ? "accepted" : "unknown";
}

/** 0 also for a form that holds when no more was wanted; 1 for what nobody could decide. */
export function exitCodeOf(outcome: Outcome): number {
  if (isBeyondThisCommand(outcome)) return exitCodes.other;
  if (outcome.category !== undefined) return exitCodes[outcome.category];
  return outcome.isAccepted || outcome.isOffline ? 0 : exitCodes.other;
}

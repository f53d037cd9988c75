/** The report of `token debug`: an entry for each hop, in the chain's order, without secrets. docs/token-debug.md describes it. */
import type { CallerIdentity } from "../../authenticator/caller-identity.ts";
import type { Mapped, MappedUser } from "../../authenticator/mapping/user.ts";
import { exitCodes, type Category, type ErrorCode } from "../../foundation/errors.ts";

/** In the order in which a request of kubectl passes them. */
export const debugHops = [
  "kubeconfig",
  "configuration",
  "plugin",
  "certificate",
  "private-key",
  "clock",
  "create-session",
  "session",
  "assume-role",
  "token",
  "sts",
  "cluster",
  "mapping",
  "api-server",
  "authorization",
  "audit",
] as const;

export type DebugHop = (typeof debugHops)[number];

/** Those of every report. The second role is a hop only where an option names one. */
export const usualHops: readonly DebugHop[] = debugHops.filter((name) => name !== "assume-role");

/** For a line below a hop. */
export type Fact = readonly [label: string, value: string];

export interface HopReport {
  name: DebugHop;
  status: "ok" | "failed" | "warning" | "not-reached";
  /** Stable, from docs/errors.md; null if there is none. */
  code: ErrorCode | null;
  /** One line: the finding, or what was wrong with which input. */
  detail: string;
  /** The next step; empty if there is none. */
  hint: string;
  facts: readonly Fact[];
}

/** The claims of a token. The account is decoded from the access key id. Times are in the form of RFC 3339. */
export type TokenReport = { length: number; clusterHeaderSigned: boolean } & Record<
  "partition" | "region" | "host" | "accessKeyId" | "account" | "signedAt" | "validUntil",
  string | null
>;

export interface MappingReport extends MappedUser {
  /** The source of the mapping; the API server, if nothing else could be read. */
  by: Mapped["by"] | "api-server";
  /** `mapRoles, entry 2, line 7`; null if nothing could be read. */
  place: string | null;
}

export interface Report {
  verdict: "accepted" | "refused" | "unknown";
  hops: readonly HopReport[];
  token: TokenReport | null;
  identity: CallerIdentity | null;
  mapping: MappingReport | null;
  exitCode: number;
}

export interface Outcome {
  /** Of the first failure. */
  category: Category | undefined;
  code?: ErrorCode | undefined;
  isAccepted: boolean;
  /** Whether nothing else was requested. */
  isOffline: boolean;
}

/** A failure of this command that kubectl need not have. */
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

/** A result that cannot be determined is unknown. A failure at any hop is refused. */
export function verdictOf(outcome: Outcome): Report["verdict"] {
  const { category, isAccepted } = outcome;
  if (category === "network" || isBeyondThisCommand(outcome)) return "unknown";
  if (category !== undefined) return "refused";
  return isAccepted ? "accepted" : "unknown";
}

/** 0 also for a correct form if nothing else was requested; 1 for an unknown result. */
export function exitCodeOf(outcome: Outcome): number {
  if (isBeyondThisCommand(outcome)) return exitCodes.other;
  if (outcome.category !== undefined) return exitCodes[outcome.category];
  return outcome.isAccepted || outcome.isOffline ? 0 : exitCodes.other;
}

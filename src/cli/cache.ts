/** `eks-x509 cache list` and `eks-x509 cache clear`. */
import { clearEntries, listEntries, type Entry } from "../cache/contents.ts";
import { KeychainError, type Keychain } from "../cache/keychain/keychain.ts";
import { keychainModes, type KeychainMode } from "../cache/keychain/mode.ts";
import type { Dependencies } from "../dependencies.ts";
import { inWords } from "../duration.ts";
import { EksX509Error } from "../errors.ts";
import { printable } from "./printable.ts";

export interface CacheFlags {
  cache?: string | undefined;
}

/** @throws EksX509Error CACHE_MODE_INVALID, CACHE_UNAVAILABLE */
export async function runCacheList(
  flags: CacheFlags & { output?: string | undefined },
  root: Dependencies,
): Promise<void> {
  const now = root.clock();
  const entries = await asked(listEntries(openKeychain(modeOf(flags, root), root), now));
  await root.stdout(flags.output === "json" ? json(entries) : table(entries, now));
}

/** One keychain, or with `all` each that this machine may have. */
export async function runCacheClear(
  flags: CacheFlags & { all?: boolean | undefined },
  root: Dependencies,
): Promise<void> {
  if (flags.all !== true) {
    const count = await asked(clearEntries(openKeychain(modeOf(flags, root), root)));
    return root.stdout(`${counted(count)} removed\n`);
  }
  const modes = keychainModes.filter((mode) => mode !== "auto" && mode !== "none");
  for (const mode of modes) {
    const outcome = await clearEntries(openKeychain(mode, root)).then(
      (count) => `${counted(count)} removed`,
      (error: unknown) => `not available: ${reasonOf(error)}`,
    );
    await root.stdout(`${mode}: ${printable(outcome)}\n`);
  }
}

/** What fails is thrown; what is merely absent, in mode auto, leaves an empty list. */
function openKeychain(mode: KeychainMode, { keychain }: Dependencies): Keychain {
  return keychain(mode, () => undefined);
}

function modeOf(flags: CacheFlags, { env }: Dependencies): KeychainMode {
  const text = flags.cache ?? (env["EKS_X509_CACHE"] || "auto");
  const mode = keychainModes.find((known) => known === text);
  if (mode) return mode;
  throw cacheError(
    "CACHE_MODE_INVALID",
    `${JSON.stringify(text.slice(0, 40))} is no cache mode`,
    `Give one of ${keychainModes.join(", ")}.`,
  );
}

async function asked<Result>(result: Promise<Result>): Promise<Result> {
  return result.catch((error: unknown) => {
    throw cacheError(
      "CACHE_UNAVAILABLE",
      `the keychain cannot be asked: ${reasonOf(error)}`,
      "get-token works without one. Another may be named with --cache.",
    );
  });
}

function reasonOf(error: unknown): string {
  return error instanceof KeychainError ? error.message : "unknown error";
}

function json(entries: readonly Entry[]): string {
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}

function table(entries: readonly Entry[], now: Date): string {
  if (entries.length === 0) return "The cache is empty.\n";
  const header = ["KIND", "CLUSTER", "REGION", "ROLE", "IDENTITY", "VALID UNTIL"];
  const rows = [header, ...entries.map((entry) => row(entry, now))].map((cells) => cells.map(printable));
  const widths = header.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

function row(
  { kind, clusterName, region, roleArn, subject, validUntil, staleness }: Entry,
  now: Date,
): string[] {
  const remaining = validUntil ? inWords(validUntil.getTime() - now.getTime()) : "";
  const until = `${validUntil?.toISOString() ?? "–"} (${staleness || remaining})`;
  return [kind, clusterName || "–", region || "–", roleArn.split("/").at(-1) || "–", subject || "–", until];
}

function counted(count: number): string {
  return `${count} ${count === 1 ? "entry" : "entries"}`;
}

function cacheError(code: string, message: string, hint: string): EksX509Error {
  return new EksX509Error({
    category: code === "CACHE_MODE_INVALID" ? "usage" : "other",
    hop: "cache",
    code,
    message,
    hint,
  });
}

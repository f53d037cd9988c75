/** `eks-x509 cache list` and `eks-x509 cache clear`. */
import { clearEntries, listEntries, type Entry } from "../../../cache/contents.ts";
import { KeychainError, type Keychain } from "../../../cache/keychain/keychain.ts";
import { keychainModes, type KeychainMode } from "../../../cache/keychain/mode.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import { inWords } from "../../../foundation/duration.ts";
import { errorsOf } from "../../../foundation/errors.ts";
import { jsonText } from "../../../foundation/json.ts";
import type { Flags } from "../../command.ts";
import { cacheMode } from "../../settings/input.ts";
import { printable } from "../../../foundation/shown.ts";
import { resolveSettings } from "../../settings/config-file.ts";

/** @throws EksX509Error CACHE_MODE_INVALID, CACHE_UNAVAILABLE */
export async function runCacheList(flags: Flags, root: Ports): Promise<void> {
  const now = root.clock();
  const mode = await modeOf(flags, root);
  const entries = await asked(listEntries(openKeychain(mode, root), now, root.sha256));
  await root.streams.stdout(flags.text("output") === "json" ? jsonText(entries) : table(entries, mode, now));
}

/** One keychain, or with `all` each keychain that this platform can have. */
export async function runCacheClear(flags: Flags, root: Ports): Promise<void> {
  if (!flags.isOn("all")) {
    const count = await asked(clearEntries(openKeychain(await modeOf(flags, root), root)));
    return root.streams.stdout(`${counted(count)} removed\n`);
  }
  const modes = keychainModes.filter((mode) => mode !== "auto" && mode !== "none");
  for (const mode of modes) {
    const outcome = await clearEntries(openKeychain(mode, root)).then(
      (count) => `${counted(count)} removed`,
      (error: unknown) => `not available: ${reasonOf(error)}`,
    );
    await root.streams.stdout(`${mode}: ${printable(outcome)}\n`);
  }
}

/** Throws a failure. In mode auto, a missing keychain is an empty list. */
function openKeychain(mode: KeychainMode, { cache }: Ports): Keychain {
  return cache.keychain(mode, () => undefined);
}

/** The keychain that get-token would use: from the flag, the environment or the config file. */
async function modeOf(flags: Flags, root: Ports): Promise<KeychainMode> {
  const settings = await resolveSettings(flags.settings(), undefined, root);
  return cacheMode(settings.get("cache"));
}

async function asked<Result>(result: Promise<Result>): Promise<Result> {
  return result.catch((error: unknown) => {
    throw errorsOf("other", "cache")(
      "CACHE_UNAVAILABLE",
      `the keychain does not answer: ${reasonOf(error)}`,
      "get-token works without a keychain. Choose another one with --cache.",
    );
  });
}

function reasonOf(error: unknown): string {
  return error instanceof KeychainError ? error.message : "unknown error";
}

function table(entries: readonly Entry[], mode: KeychainMode, now: Date): string {
  if (mode === "none") return "The cache is off (none).\n";
  if (entries.length === 0) return `The cache (${mode}) is empty.\n`;
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

/** `eks-x509 cache list` and `eks-x509 cache clear`. */
import { clearEntries, listEntries, type Entry } from "../../../cache/contents.ts";
import { cacheUnavailable, keychainReason } from "../../../cache/unavailable.ts";
import { keychainModes, type KeychainMode } from "../../../cache/keychain/mode.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import { inWords } from "../../../foundation/duration.ts";
import { jsonText } from "../../../foundation/json.ts";
import type { Flags } from "../../command.ts";
import { cacheMode } from "../../settings/input.ts";
import { printable } from "../../../foundation/shown.ts";
import { resolveSettings } from "../../settings/config-file.ts";

export async function runCacheList(flags: Flags, root: Ports): Promise<number> {
  const now = root.clock();
  const mode = await modeOf(flags, root);
  const entries = await asked(
    listEntries(
      root.cache.keychain(mode, () => undefined),
      now,
      root.sha256,
    ),
  );
  await root.streams.stdout(flags.text("output") === "json" ? jsonText(entries) : table(entries, mode, now));
  return 0;
}

export async function runCacheClear(flags: Flags, root: Ports): Promise<number> {
  const clear = async (mode: KeychainMode): Promise<string> => {
    const count = await clearEntries(root.cache.keychain(mode, () => undefined));
    return `${count} ${count === 1 ? "entry" : "entries"} removed`;
  };
  if (!flags.isOn("all")) {
    await root.streams.stdout(`${await asked(clear(await modeOf(flags, root)))}\n`);
    return 0;
  }
  for (const mode of keychainModes.filter((each) => each !== "auto" && each !== "none")) {
    const outcome = await clear(mode).catch((error: unknown) => `not available: ${keychainReason(error)}`);
    await root.streams.stdout(`${mode}: ${printable(outcome)}\n`);
  }
  return 0;
}

async function modeOf(flags: Flags, root: Ports): Promise<KeychainMode> {
  const settings = await resolveSettings(flags.settings(), undefined, root);
  return cacheMode(settings.get("cache"));
}

async function asked<Result>(result: Promise<Result>): Promise<Result> {
  return result.catch((error: unknown) => {
    throw cacheUnavailable(error, "get-token works without a keychain. Choose another one with --cache.");
  });
}

function table(entries: readonly Entry[], mode: KeychainMode, now: Date): string {
  if (mode === "none") return "The cache is off (none).\n";
  if (entries.length === 0) return `The cache (${mode}) is empty.\n`;
  const header = ["KIND", "CLUSTER", "REGION", "ROLE", "IDENTITY", "VALID UNTIL"];
  const rows = [header, ...entries.map((entry) => row(entry, now))].map((cells) => cells.map(printable));
  const widths = header.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return rows.map((cells) => `${line(cells).trimEnd()}\n`).join("");
}

function row(entry: Entry, now: Date): string[] {
  const { kind, clusterName, region, roleArn, subject, validUntil, staleness } = entry;
  const remaining = validUntil ? inWords(validUntil.getTime() - now.getTime()) : "";
  const until = `${validUntil?.toISOString() ?? "–"} (${staleness || remaining})`;
  return [kind, clusterName || "–", region || "–", roleArn.split("/").at(-1) || "–", subject || "–", until];
}

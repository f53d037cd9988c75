/** `--cache MODE`, from any source. */
import { keychainModes, type KeychainMode } from "../../cache/keychain/mode.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import { shown } from "../../foundation/shown.ts";
import type { Setting } from "./settings.ts";

/** @throws EksX509Error CACHE_MODE_INVALID */
export function cacheMode(setting: Setting | undefined): KeychainMode {
  if (setting === undefined) return "auto";
  const mode = keychainModes.find((known) => known === setting.value);
  if (mode) return mode;
  throw new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "CACHE_MODE_INVALID",
    message: `${setting.source} ${shown(setting.value)} is not a cache mode`,
    hint: `Use one of ${keychainModes.join(", ")}.`,
  });
}

/** `eks-x509 cache list` and `eks-x509 cache clear`. */
import type { Command, CommandOption } from "../../command.ts";
import { optionNamed } from "../../settings/options.ts";
import { output } from "../../output-option.ts";

const cache: CommandOption = {
  describe: "Keychain to use",
  env: optionNamed("cache").env,
  default: "auto",
};

export const cacheList: Command = {
  path: ["cache", "list"],
  describe: "List the entries: role, cluster and expiry, without secrets",
  options: { cache, output },
  run: async (flags, root) => {
    const { runCacheList } = await import("./run.ts");
    await runCacheList({ cache: flags.text("cache"), output: flags.text("output") }, root);
    return 0;
  },
};

export const cacheClear: Command = {
  path: ["cache", "clear"],
  describe: "Remove all entries",
  options: { cache, all: { type: "boolean", describe: "Remove them from every keychain of this machine" } },
  run: async (flags, root) => {
    const { runCacheClear } = await import("./run.ts");
    await runCacheClear({ cache: flags.text("cache"), all: flags.isOn("all") }, root);
    return 0;
  },
};

/** `eks-x509 cache list` and `eks-x509 cache clear`. */
import { output, type Command, type CommandOption } from "../../command.ts";
import { optionNamed } from "../../settings/options.ts";

const cache: CommandOption = {
  describe: "Keychain to use",
  env: optionNamed("cache").env,
  default: "auto",
};

export const cacheList: Command = {
  path: ["cache", "list"],
  describe: "List the entries: role, cluster and expiry, without secrets",
  options: { cache, output },
  run: async (flags, root) => (await import("./run.ts")).runCacheList(flags, root),
};

export const cacheClear: Command = {
  path: ["cache", "clear"],
  describe: "Remove all entries",
  options: { cache, all: { type: "boolean", describe: "Remove them from every keychain of this machine" } },
  run: async (flags, root) => (await import("./run.ts")).runCacheClear(flags, root),
};

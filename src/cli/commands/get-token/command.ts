/** `eks-x509 get-token`, for --help. The plugin itself uses the fast path in src/main.ts. */
import type { Command } from "../../command.ts";
import { runGetToken } from "./run.ts";
import { describedOptions } from "../../settings/option-help.ts";

export const getToken: Command = {
  path: ["get-token"],
  describe: "Print an ExecCredential for kubectl",
  options: Object.fromEntries(describedOptions),
  run: async (flags, root) => {
    await runGetToken(flags.settings(), root);
    return 0;
  },
};

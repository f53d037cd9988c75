/** `eks-x509 version`: what a report of a defect needs. `--version` prints the version alone. */
import { output, type Command } from "../../command.ts";

export const versionCommand: Command = {
  path: ["version"],
  describe: "Print the version, the commit, the runtime and the platform",
  options: { output },
  run: async (flags, root) => (await import("./run.ts")).runVersion(flags, root),
};

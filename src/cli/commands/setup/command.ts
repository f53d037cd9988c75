/** `eks-x509 setup`. */
import type { Command } from "../../command.ts";
import { options } from "./options.ts";

export const setup: Command = {
  path: ["setup"],
  describe: "Write what an administrator applies: trust anchor, role, profile, mapping, RBAC",
  usage: `$0 setup [OPTIONS]

Writes the commands or the template with which an administrator sets up the sign-in: the trust
anchor, a role that lets in the certificates of --allow alone, the profile, the mapping in the
cluster, read-only permissions, and the clean-up. It calls AWS for nothing and needs no credentials.
Without --output-folder, prints the main file.`,
  options,
  run: async (flags, root) => (await import("./run.ts")).runSetup(flags, root),
};

/** `eks-x509 cert inspect`. */
import type { Command } from "../../command.ts";
import { output } from "../../output-option.ts";

export const certInspect: Command = {
  path: ["cert", "inspect"],
  describe: "Say what Roles Anywhere and EKS will make of a certificate",
  usage: `$0 cert inspect FILE [OPTIONS]

Tells whether Roles Anywhere will take the certificate, and all reasons why not; the session's name,
source identity and tags; days left. AWS is not asked. Exit code 0 if it will do, 3 if not.`,
  positional: {
    name: "FILE",
    describe: "Certificate, PEM or DER; the file may hold the chain too, in any order, and the key",
    required: true,
  },
  options: {
    intermediates: {
      type: "string",
      describe: "Intermediate certificates, PEM, if they are not in FILE",
      isPath: true,
    },
    "private-key": {
      type: "string",
      describe: "Private key, PEM: tells which of several certificates is meant; it is never shown",
      isPath: true,
    },
    "role-session-name": { type: "string", describe: "Name of the session, where the profile accepts one" },
    output,
  },
  run: async (flags, root) => {
    const { runCertInspect } = await import("./run.ts");
    const input = {
      file: flags.text("FILE") ?? "",
      intermediates: flags.text("intermediates"),
      privateKey: flags.text("private-key"),
      roleSessionName: flags.text("role-session-name"),
      output: flags.text("output") === "json" ? ("json" as const) : ("text" as const),
    };
    return runCertInspect(input, root);
  },
};

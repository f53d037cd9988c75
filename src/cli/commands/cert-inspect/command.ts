/** `eks-x509 cert inspect`. */
import { output, type Command } from "../../command.ts";

export const certInspect: Command = {
  path: ["cert", "inspect"],
  describe: "Check whether a certificate is fit for Roles Anywhere",
  usage: `$0 cert inspect FILE [OPTIONS]

Checks whether the certificate is fit for Roles Anywhere, and prints every reason if it is not.
Prints the session name, the source identity, the tags and the days left. AWS is not called, so the
trust anchor and the profile are not checked. Exit code 0 if the certificate is fit, 3 if not.`,
  positional: {
    name: "FILE",
    describe:
      "Certificate, PEM or DER, or - for stdin; it can also contain the chain, in any order, and the key",
    required: true,
  },
  options: {
    intermediates: {
      describe: "Intermediate certificates, PEM, if FILE does not contain them",
      isPath: true,
    },
    "private-key": {
      describe: "Private key, PEM, to select one of several certificates; it is never printed",
      isPath: true,
    },
    "role-session-name": { describe: "Name of the session, if the profile accepts one" },
    output,
  },
  run: async (flags, root) => (await import("./run.ts")).runCertInspect(flags, root),
};

/** `eks-x509 cert inspect`. */
import { output, type Command, type CommandOption } from "../../command.ts";
import { describedOptions } from "../../settings/option-help.ts";

/** How get-token opens what is not a plain file. */
const opening: Readonly<Record<string, CommandOption>> = Object.fromEntries(
  describedOptions
    .filter(([name]) => ["password-file", "askpass", "pkcs11-module"].includes(name))
    .map(([name, { describe, isPath, default: byDefault }]) => [
      name,
      { describe, ...(isPath && { isPath }), ...(byDefault !== undefined && { default: byDefault }) },
    ]),
);

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
      "Certificate, PEM, DER or PKCS#12, which can also contain the chain and the key; a pkcs11: URI; or - for stdin",
    required: true,
  },
  options: {
    intermediates: {
      describe: "Intermediate certificates, PEM, if FILE does not contain them",
      isPath: true,
    },
    "private-key": {
      describe:
        "Private key, in the forms of get-token, to select one of several certificates; it is never printed",
      isPath: true,
    },
    ...opening,
    "role-session-name": { describe: "Name of the session, if the profile accepts one" },
    output,
  },
  run: async (flags, root) => (await import("./run.ts")).runCertInspect(flags, root),
};

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
Prints the session name, the source identity, the tags and the days left. AWS is not called. With a
trust policy, a profile or a revocation list in files, prints whether they let the certificate in,
and why not. Exit code 0 if the certificate is fit and let in by all that is given, 3 if it is not
fit, 5 if it is refused, 1 if that is not known.`,
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
    "trust-policy": {
      describe: "Trust policy of the role: a policy document, or the output of aws iam get-role",
      isPath: true,
    },
    profile: { describe: "Profile: the output of aws rolesanywhere get-profile", isPath: true },
    crl: {
      type: "list",
      describe: "Certificate revocation list, PEM or DER, or the output of aws rolesanywhere get-crl",
      isPath: true,
    },
    "trust-anchor-arn": { describe: "ARN of the trust anchor, for the trust policy" },
    "role-arn": { describe: "ARN of the role, for the profile", default: "the role of --trust-policy" },
    "source-ip": { describe: "IP address from which AWS sees the request, for the trust policy" },
    output,
  },
  run: async (flags, root) => (await import("./run.ts")).runCertInspect(flags, root),
};

/** `eks-x509 sandbox`. */
import type { Command } from "../../command.ts";

export const sandbox: Command = {
  path: ["sandbox"],
  describe: "Emulate AWS and clusters on loopback",
  usage: `$0 sandbox [OPTIONS] [-- COMMAND …]

Emulates Roles Anywhere, STS, EKS and clusters on loopback.
With a COMMAND, runs it against them, prints what was refused, and returns its exit code.
Without one, prints the variables to export, and logs each request until Ctrl-C.`,
  options: {
    "cluster-name": {
      type: "list",
      describe: "Name of a cluster; the current context uses the first one",
      default: "demo",
    },
    region: { describe: "Region of the clusters", default: "us-west-2" },
    account: {
      describe: "What is set up at the start: everything, or nothing, for an administrator to begin",
      choices: ["furnished", "empty"],
      default: "furnished",
    },
    "authentication-mode": {
      describe: "How the clusters map roles: with aws-auth, with access entries, or with both",
      choices: ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"],
      default: "CONFIG_MAP; API_AND_CONFIG_MAP for --account empty",
    },
    certificate: { describe: "Rehearse this certificate", isPath: true },
    "private-key": { describe: "The certificate's private key", isPath: true },
    intermediates: { describe: "Its intermediate certificates", isPath: true },
    "trust-anchor": { describe: "CA of the trust anchor", isPath: true },
    "aws-auth": { describe: "Rehearse this aws-auth ConfigMap, YAML", isPath: true },
    "trust-policy": {
      describe:
        "Rehearse this trust policy of the role: a policy document, or the output of aws iam get-role",
      isPath: true,
    },
    "trust-anchor-arn": { describe: "ARN of the trust anchor" },
    "profile-arn": { describe: "ARN of the profile" },
    "role-arn": { describe: "ARN of the role, with its path" },
    "assume-role-arn": { describe: "ARN of a second role that the clusters map, in any account" },
    "external-id": { describe: "External ID that the second role's trust policy requires" },
    "session-duration": { describe: "Maximum lifetime of sessions in seconds, 62 or more", default: "3600" },
    verbose: { type: "boolean", describe: "Log each request on stderr, also with a COMMAND" },
  },
  takesCommand: true,
  run: async (flags, root) => (await import("./run.ts")).runSandbox(flags, root),
};

/** `eks-x509 token debug`. */
import { output, type Command, type CommandOption } from "../../command.ts";
import { optionalOptions } from "../../settings/option-help.ts";

/** All optional, because the kubeconfig has them. */
const getTokens: Readonly<Record<string, CommandOption>> = optionalOptions((name) => name !== "verbose");

export const tokenDebug: Command = {
  path: ["token", "debug"],
  describe: "Report which hop on the way to the cluster fails, and why",
  usage: `$0 token debug [TOKEN|-] [OPTIONS]

Without a TOKEN, takes the same steps as kubectl, from the kubeconfig to the API server.
With a TOKEN, or with - and a token or an ExecCredential on stdin, checks it as the cluster
does, and calls STS for its identity. Options of get-token replace those of the kubeconfig.
The output contains no secret, so it can be pasted into a ticket.`,
  positional: { name: "TOKEN", describe: "Token or ExecCredential; - for stdin", required: false },
  options: {
    kubeconfig: { describe: "Kubeconfig to start from", env: ["KUBECONFIG"], isPath: true },
    context: { describe: "Context to start from", default: "the current one" },
    offline: { type: "boolean", describe: "Send no request: check only the form of the token" },
    at: {
      describe: "Judge the token's age at this time, RFC 3339, for example the time of its use",
      default: "now",
    },
    "aws-auth": {
      describe: "Map with this aws-auth ConfigMap, YAML or JSON",
      default: "the cluster's own, if it can be read",
      isPath: true,
    },
    "admin-context": { describe: "Read the cluster's aws-auth through this context of the kubeconfig" },
    "trust-policy": {
      describe:
        "Explain a refused role by its trust policy: a policy document, or the output of aws iam get-role",
      isPath: true,
    },
    profile: {
      describe: "Explain a refusal by the profile: the output of aws rolesanywhere get-profile",
      isPath: true,
    },
    crl: {
      type: "list",
      describe:
        "Explain an untrusted certificate by this revocation list: PEM, DER, or the output of aws rolesanywhere get-crl",
      isPath: true,
    },
    output,
    ...getTokens,
  },
  run: async (flags, root) => (await import("./run.ts")).runTokenDebug(flags, root),
};

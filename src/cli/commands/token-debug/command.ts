/** `eks-x509 token debug`. */
import type { Command, CommandOption } from "../../command.ts";
import { optionEntries } from "../../settings/options.ts";
import { output } from "../../output-option.ts";

/** All optional: the kubeconfig has them. */
const getTokens: Readonly<Record<string, CommandOption>> = Object.fromEntries(
  optionEntries
    .filter(([name]) => name !== "verbose")
    .map(([name, option]) => [name, { ...option, required: false }]),
);

export const tokenDebug: Command = {
  path: ["token", "debug"],
  describe: "Say which hop on the way to the cluster fails, and why",
  usage: `$0 token debug [TOKEN|-] [OPTIONS]

Without a TOKEN, walks the way that kubectl walks, from the kubeconfig to the API server.
With one, or with - a token or an ExecCredential on stdin, checks it as the cluster does,
and asks STS whose it is. Options of get-token that are given replace the kubeconfig's.
What is printed holds no secret: it may be pasted into a ticket.`,
  positional: { name: "TOKEN", describe: "Token or ExecCredential; - for stdin", required: false },
  options: {
    kubeconfig: { type: "string", describe: "Kubeconfig to walk from", env: ["KUBECONFIG"], isPath: true },
    context: { type: "string", describe: "Context to walk from", default: "the current one" },
    offline: { type: "boolean", describe: "Make no request: check the form of the token alone" },
    at: {
      type: "string",
      describe: "Judge the token as of this time, RFC 3339: of a token in a ticket, when it was used",
      default: "now",
    },
    "aws-auth": {
      type: "string",
      describe: "Map with this aws-auth ConfigMap, YAML or JSON",
      default: "the cluster's own, where it may be read",
      isPath: true,
    },
    "admin-context": {
      type: "string",
      describe: "Read the cluster's aws-auth through this context of the kubeconfig",
    },
    output,
    ...getTokens,
  },
  run: async (flags, root) => {
    const { runTokenDebug } = await import("./run.ts");
    return runTokenDebug(flags, root);
  },
};

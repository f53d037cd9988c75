/** The commands, in the order in which --help lists them. */
import type { Command, CommandOption } from "./command.ts";
import { options as getTokenOptions, optionEntries } from "./options.ts";

/** First words that hold several commands. */
export const commandGroups: Readonly<Record<string, string>> = {
  token: "Look into a token, and into the way to it",
  cache: "Show or clear the cached tokens and sessions",
};

const output: CommandOption = {
  type: "string",
  alias: "o",
  choices: ["text", "json"],
  describe: "Form of the output",
  default: "text",
};

const verbose: CommandOption = { type: "boolean", describe: "Tell each hop on stderr, without secrets" };

const getToken: Command = {
  path: ["get-token"],
  describe: "Print an ExecCredential for kubectl",
  options: Object.fromEntries(optionEntries),
  run: async (flags, root) => {
    const { runGetToken } = await import("./get-token.ts");
    await runGetToken(flags.settings(), root);
    return 0;
  },
};

const tokenDebug: Command = {
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
    ...Object.fromEntries(optionEntries.filter(([name]) => name !== "cache")),
  },
  run: async (flags, root) => {
    const { runTokenDebug } = await import("./token-debug.ts");
    return runTokenDebug(flags, root);
  },
};

const cache: CommandOption = {
  type: "string",
  describe: "Which keychain",
  env: getTokenOptions.cache.env,
  default: getTokenOptions.cache.default,
};

const cacheList: Command = {
  path: ["cache", "list"],
  describe: "What is kept: whose, for which cluster, valid until; no secrets",
  options: { cache, output },
  run: async (flags, root) => {
    const { runCacheList } = await import("./cache.ts");
    await runCacheList({ cache: flags.text("cache"), output: flags.text("output") }, root);
    return 0;
  },
};

const cacheClear: Command = {
  path: ["cache", "clear"],
  describe: "Remove all entries",
  options: { cache, all: { type: "boolean", describe: "From every keychain of this machine" } },
  run: async (flags, root) => {
    const { runCacheClear } = await import("./cache.ts");
    await runCacheClear({ cache: flags.text("cache"), all: flags.isOn("all") }, root);
    return 0;
  },
};

const sandbox: Command = {
  path: ["sandbox"],
  describe: "Play AWS and a cluster on loopback",
  usage: `$0 sandbox [OPTIONS] [-- COMMAND …]

Plays Roles Anywhere, STS, EKS and a cluster on loopback.
With a COMMAND, runs it against them, tells what was refused, and ends with its exit code.
Without one, prints what to export, and shows each request until Ctrl-C.`,
  options: {
    "cluster-name": { type: "string", describe: "Name of the cluster", default: "demo" },
    region: { type: "string", describe: "Region of the cluster", default: "us-west-2" },
    certificate: { type: "string", describe: "Rehearse this certificate", isPath: true },
    "private-key": { type: "string", describe: "The certificate's private key", isPath: true },
    "trust-anchor": {
      type: "string",
      describe: "PEM of the CA that the trust anchor will hold",
      isPath: true,
    },
    "aws-auth": { type: "string", describe: "Rehearse this aws-auth ConfigMap, YAML", isPath: true },
    "trust-anchor-arn": { type: "string", describe: "ARN of the trust anchor" },
    "profile-arn": { type: "string", describe: "ARN of the profile" },
    "role-arn": { type: "string", describe: "ARN of the role, with its path" },
    verbose: { ...verbose, describe: "With a COMMAND too, show each request on stderr" },
  },
  takesCommand: true,
  run: async (flags, root) => {
    const { runSandbox } = await import("./sandbox.ts");
    const given = {
      clusterName: flags.text("cluster-name"),
      region: flags.text("region"),
      certificate: flags.text("certificate"),
      privateKey: flags.text("private-key"),
      trustAnchor: flags.text("trust-anchor"),
      awsAuth: flags.text("aws-auth"),
      trustAnchorArn: flags.text("trust-anchor-arn"),
      profileArn: flags.text("profile-arn"),
      roleArn: flags.text("role-arn"),
      verbose: flags.isOn("verbose"),
    };
    return runSandbox(given, flags.command, root);
  },
};

export const commands: readonly Command[] = [getToken, tokenDebug, cacheList, cacheClear, sandbox];

/** `eks-x509 serve`. */
import type { Command, CommandOption } from "../../command.ts";
import { sessionOptions } from "../../settings/option-help.ts";

const ofServer: Readonly<Record<string, CommandOption>> = {
  listen: {
    group: "Server",
    describe: "IP address to listen on; one that is not loopback gives the credentials to whoever reaches it",
    default: "127.0.0.1",
  },
  port: { group: "Server", describe: "Port to listen on; 0 for a free one", default: "9911" },
  "token-file": {
    group: "Server",
    describe: "File with the authorization token of container credentials; created if it does not exist",
    isPath: true,
  },
  "health-listen": {
    group: "Server",
    describe: "ADDRESS:PORT where /healthz, /readyz and /metrics are served too, and no credentials",
  },
  "hop-limit": {
    group: "Server",
    describe: "Time to live of the IP packets sent, 1 to 255",
    default: "the system's",
  },
  "log-format": {
    group: "Server",
    describe: "Form of the log on stderr",
    choices: ["text", "json"],
    default: "text",
  },
};

export const serve: Command = {
  path: ["serve"],
  describe: "Serve credentials to AWS SDKs on loopback",
  usage: `$0 serve [OPTIONS]

Serves the credentials of the session on loopback, as container credentials (with --token-file) and as
IMDSv2. Renews the session before it ends and when the certificate is replaced. Listens when it has the
first session, logs on stderr, and ends on SIGTERM or Ctrl-C.`,
  options: {
    ...ofServer,
    ...sessionOptions,
  },
  acceptsHelperDefaults: true,
  run: async (flags, root) => (await import("./run.ts")).runServe(flags, root),
};

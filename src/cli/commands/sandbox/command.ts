/** `eks-x509 sandbox`. */
import type { Command } from "../../command.ts";

export const sandbox: Command = {
  path: ["sandbox"],
  describe: "Play AWS and a cluster on loopback",
  usage: `$0 sandbox [OPTIONS] [-- COMMAND …]

Plays Roles Anywhere, STS, EKS and its clusters on loopback.
With a COMMAND, runs it against them, tells what was refused, and ends with its exit code.
Without one, prints what to export, and shows each request until Ctrl-C.`,
  options: {
    "cluster-name": {
      type: "list",
      describe: "Name of a cluster; of several, the first is the current context's",
      default: "demo",
    },
    region: { type: "string", describe: "Region of the clusters", default: "us-west-2" },
    "authentication-mode": {
      type: "string",
      describe: "Whom the clusters know: those in aws-auth, those with an access entry, or both",
      choices: ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"],
      default: "CONFIG_MAP",
    },
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
    "session-duration": {
      type: "string",
      describe: "Seconds after which sessions end, whatever is asked for: 62 or more",
      default: "3600",
    },
    verbose: { type: "boolean", describe: "With a COMMAND too, show each request on stderr" },
  },
  takesCommand: true,
  run: async (flags, root) => {
    const { runSandbox } = await import("./run.ts");
    const given = {
      clusterNames: flags.list("cluster-name"),
      authenticationMode: flags.text("authentication-mode"),
      region: flags.text("region"),
      certificate: flags.text("certificate"),
      privateKey: flags.text("private-key"),
      trustAnchor: flags.text("trust-anchor"),
      awsAuth: flags.text("aws-auth"),
      trustAnchorArn: flags.text("trust-anchor-arn"),
      profileArn: flags.text("profile-arn"),
      roleArn: flags.text("role-arn"),
      sessionDuration: flags.text("session-duration"),
      verbose: flags.isOn("verbose"),
    };
    return runSandbox(given, flags.command, root);
  },
};

/** `eks-x509 credential-process`, for --help. The program itself uses the fast path in src/main.ts. */
import type { Command } from "../../command.ts";
import { describedOptions } from "../../settings/option-help.ts";

/** Accepted, so that get-token's arguments can be used, and without a meaning here. */
const ofClusters: readonly string[] = ["cluster-name", "cluster-servers", "exec-api-version"];

/** aws_signing_helper chooses its endpoint by it. Here it only has a meaning for a cluster. */
const regionHelp = "Accepted and not used: the trust anchor's region counts";

export const credentialProcess: Command = {
  path: ["credential-process"],
  describe: "Print credentials for the AWS CLI and SDKs",
  usage: `$0 credential-process [OPTIONS]

Prints the credentials of the session as the AWS CLI and the SDKs read them from the credential_process
of a profile. get-token uses the same session. The options of aws_signing_helper have their meaning.`,
  options: Object.fromEntries(
    describedOptions
      .filter(([name]) => !ofClusters.includes(name))
      .map(([name, option]) => [name, name === "region" ? { ...option, describe: regionHelp } : option]),
  ),
  run: async (flags, root) => {
    await (await import("./run.ts")).runCredentialProcess(flags.settings(), root);
    return 0;
  },
};

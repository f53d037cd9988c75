/** `eks-x509 credential-process`, for --help. The program itself uses the fast path in src/main.ts. */
import type { Command } from "../../command.ts";
import { sessionOptions } from "../../settings/option-help.ts";

export const credentialProcess: Command = {
  path: ["credential-process"],
  describe: "Print credentials for the AWS CLI and SDKs",
  usage: `$0 credential-process [OPTIONS]

Prints the credentials of the session as the AWS CLI and the SDKs read them from the credential_process
of a profile. get-token uses the same session. The options of aws_signing_helper have their meaning.`,
  options: sessionOptions,
  run: async (flags, root) => {
    await (await import("./run.ts")).runCredentialProcess(flags.settings(), root);
    return 0;
  },
};

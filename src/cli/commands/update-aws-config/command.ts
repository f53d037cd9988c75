/** `eks-x509 update-aws-config`: the options of credential-process, and those of the profile. */
import type { Command, CommandOption } from "../../command.ts";
import { credentialProcess } from "../credential-process/command.ts";

const ofProfile: Readonly<Record<string, CommandOption>> = {
  profile: { describe: "Name of the profile, which is made if it does not exist", required: true },
  replace: {
    type: "boolean",
    describe: "Remove what the profile signs in with now, also from the credentials file",
  },
  command: {
    describe: "Program that the AWS CLI and SDKs run: a name on their PATH, or an absolute path",
    default: "the path of this program",
  },
  "dry-run": { type: "boolean", describe: "Print the settings of the profile, and write nothing" },
};

export const updateAwsConfig: Command = {
  path: ["update-aws-config"],
  describe: "Write the profile that runs credential-process into AWS's config file",
  usage: `$0 update-aws-config --profile NAME [OPTIONS]

Writes credential_process into a profile of AWS's config file (AWS_CONFIG_FILE, else ~/.aws/config), with the given
options. Everything else in the file stays unchanged. A profile that signs in otherwise is refused.`,
  options: {
    ...Object.fromEntries(
      Object.entries(ofProfile).map(([name, option]) => [name, { ...option, group: "Profile" }]),
    ),
    ...credentialProcess.options,
    region: {
      describe: "Region of the profile, for the services that it calls",
      group: "Profile",
      default: "what the profile has",
    },
  },
  run: async (flags, root) => (await import("./run.ts")).runUpdateAwsConfig(flags, root),
};

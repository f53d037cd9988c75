/** The input of get-token, parsed, so that no later step checks it. src/cli/settings/input.ts creates it from settings. */
import type { GivenFile } from "../foundation/ports.ts";
import type { KeyAccess } from "../identity/signer.ts";
import type { KeychainMode } from "../cache/keychain/mode.ts";
import type { RoleArn } from "../aws/arn.ts";
import type { Region } from "../aws/partition.ts";
import type { AssumeRoleParameters } from "../aws/sts/assume-role.ts";
import type { TokenParameters } from "../token/eks-token.ts";
import type { SessionParameters } from "../rolesanywhere/session.ts";

/** The input of a session, independent of the cluster. */
export interface SessionInput {
  files: {
    certificate: GivenFile;
    privateKey: GivenFile;
    intermediates: GivenFile | undefined;
    access: KeyAccess;
  };
  parameters: SessionParameters;
  endpoint: URL;
  /** Undefined if the role of Roles Anywhere is the one to use. */
  second?: SecondRole | undefined;
  cache: KeychainMode;
}

/** A role that the session of Roles Anywhere assumes, and whom to ask for it. */
export interface SecondRole extends AssumeRoleParameters {
  endpoint: URL;
  region: Region;
}

/** The role whose session is used in the end. */
export function finalRole({ parameters, second }: Pick<SessionInput, "parameters" | "second">): RoleArn {
  return second?.role ?? parameters.role;
}

export interface GetTokenInput extends SessionInput {
  token: TokenParameters;
}

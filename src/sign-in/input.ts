/** The input of get-token, parsed, so that no later step checks it. src/cli/settings/input.ts creates it from settings. */
import type { GivenFile } from "../foundation/ports.ts";
import type { KeyAccess } from "../identity/signer.ts";
import type { KeychainMode } from "../cache/keychain/mode.ts";
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
  cache: KeychainMode;
}

export interface GetTokenInput extends SessionInput {
  token: TokenParameters;
}

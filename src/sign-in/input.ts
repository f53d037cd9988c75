/** What get-token works on: parsed, so that nobody after this has to check. Made of settings in src/cli/settings/input.ts. */
import type { GivenFile } from "../foundation/files.ts";
import type { KeychainMode } from "../cache/keychain/mode.ts";
import type { TokenParameters } from "../token/eks-token.ts";
import type { SessionParameters } from "../rolesanywhere/create-session-request.ts";

/** A session, whatever the cluster. */
export interface SessionInput {
  files: { certificate: GivenFile; privateKey: GivenFile; intermediates: GivenFile | undefined };
  session: SessionParameters;
  /** Roles Anywhere's. */
  endpoint: URL;
  cache: KeychainMode;
}

export interface GetTokenInput extends SessionInput {
  token: TokenParameters;
}

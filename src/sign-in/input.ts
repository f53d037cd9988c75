/** What get-token works on: parsed, so that nothing after this has to check. src/cli/settings/input.ts makes it of settings. */
import type { GivenFile } from "../foundation/files.ts";
import type { KeychainMode } from "../cache/keychain/mode.ts";
import type { TokenParameters } from "../token/eks-token.ts";
import type { SessionParameters } from "../rolesanywhere/session.ts";

/** A session, whatever the cluster. */
export interface SessionInput {
  files: { certificate: GivenFile; privateKey: GivenFile; intermediates: GivenFile | undefined };
  /** Of CreateSession. */
  parameters: SessionParameters;
  /** The URL of Roles Anywhere. */
  endpoint: URL;
  cache: KeychainMode;
}

export interface GetTokenInput extends SessionInput {
  token: TokenParameters;
}

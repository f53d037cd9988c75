/** What the hops need of the machine and the network; src/cli/commands/token-debug/run.ts provides it. */
import type { ClusterInfo } from "../exec/cluster-server.ts";
import type { ErrorCode } from "../foundation/errors.ts";
import type { Environment, Machine } from "../foundation/ports.ts";
import type { GetTokenInput } from "../sign-in/input.ts";
import type { Ports } from "../sign-in/ports.ts";
import type { Certificate } from "../identity/certificate.ts";
import type { SessionParameters } from "../rolesanywhere/session.ts";
import type { Secrets } from "../foundation/secrets.ts";
import type { Http } from "../http/client.ts";
import type { DebugHop, Fact } from "./report/report.ts";

export interface World
  extends
    Pick<Ports, "env" | "clock" | "readFile" | "identities" | "sha256" | "plugins">,
    Pick<Machine, "platform" | "program"> {
  cwd: () => string;
  /** Empty if it is unknown. */
  home: string;
  /** Does work that runs another program, which a signal to this process ends first. */
  interruptible: <Result>(work: (cancel: AbortSignal) => Promise<Result>) => Promise<Result>;
  /** In the environment of an exec entry. */
  http: (env: Environment) => Promise<Http>;
  /** As get-token resolves the arguments of an exec entry, with the flags that this command was given. */
  resolve: (entry: EntryToResolve) => Promise<Resolved>;
  /** What must not be printed: each hop adds what it learns. */
  secrets: Secrets;
  /** Called when the work on a hop begins. */
  starting: (hop: DebugHop) => void;
}

export interface EntryToResolve {
  args: readonly string[];
  env: Environment;
  /** What client-go passes of the cluster; undefined without provideClusterInfo. */
  cluster: ClusterInfo | undefined;
}

export interface Resolved {
  input: GetTokenInput;
  /** Each setting, and its source. */
  facts: readonly Fact[];
}

export interface WalkRequest {
  kubeconfig: string | undefined;
  context: string | undefined;
  /** Whether the flags name an identity, so that no kubeconfig is needed. */
  hasOwnIdentity: boolean;
  isOffline: boolean;
  clusterName?: string | undefined;
  mapping: MappingRequest;
  /** Judges by the administrator's files, if the user passed any. */
  judge?: RefusalJudge | undefined;
}

/** @returns the next step, if a file answers why the session is refused */
export type RefusalJudge = (refused: RefusedSession) => string | undefined;

export interface RefusedSession {
  code: ErrorCode;
  leaf: Certificate;
  chain: readonly Certificate[];
  parameters: SessionParameters;
}

export interface TokenRequest extends WalkRequest {
  token: string;
  at: Date;
}

export interface MappingRequest {
  /** Path of an aws-auth file. */
  awsAuth: string | undefined;
  awsAuthRead?: ConfigMapRead | undefined;
  adminContext: string | undefined;
}

export interface ConfigMapRead {
  data: Readonly<Record<string, string>> | undefined;
  /** Where it was read, or why it was not. */
  source: string;
}

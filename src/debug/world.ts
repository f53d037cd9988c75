/** What the hops need of the machine and the network; put together in src/cli/commands/token-debug/run.ts. */
import type { Environment } from "../foundation/environment.ts";
import type { IdentityPorts } from "../cache/identity-files.ts";
import type { GetTokenInput } from "../sign-in/input.ts";
import type { Http } from "../http/client.ts";
import type { DebugHop, Fact } from "./report/report.ts";

export interface World extends IdentityPorts {
  env: Environment;
  clock: () => Date;
  platform: NodeJS.Platform;
  /** Absolute path of the current folder. */
  cwd: string;
  /** Absolute path of this very program, links followed. */
  program: string;
  home: string;
  /** Whether stdin is a terminal, and nothing else uses it. */
  isTerminal: boolean;
  /** Ends another tool's plugin. */
  cancel?: AbortSignal | undefined;
  /** In the environment of an exec entry. */
  http: (env: Environment) => Promise<Http>;
  /** As get-token would, from an exec entry's arguments and with the flags that were given to this command. */
  resolve: (entry: EntryToResolve) => Promise<Resolved>;
  /** Told when the work on a hop begins. */
  starting: (hop: DebugHop) => void;
}

export interface EntryToResolve {
  args: readonly string[];
  env: Environment;
  /** The cluster's extension; undefined without provideClusterInfo. */
  clusterConfig: unknown;
}

export interface Resolved {
  input: GetTokenInput;
  /** Each setting, and where it came from. */
  facts: readonly Fact[];
}

export interface WalkRequest {
  kubeconfig: string | undefined;
  context: string | undefined;
  /** Whether the flags tell an identity, so that no kubeconfig is needed. */
  hasOwnIdentity: boolean;
  isOffline: boolean;
  /** As given to this command. */
  clusterName?: string | undefined;
  mapping: MappingRequest;
}

export interface MappingRequest {
  /** Path of an aws-auth file. */
  awsAuth: string | undefined;
  /** What is in it, once it has been read. */
  awsAuthRead?: ConfigMapRead | undefined;
  adminContext: string | undefined;
}

export interface ConfigMapRead {
  data: Readonly<Record<string, string>> | undefined;
  /** Where it was read, or why it was not. */
  source: string;
}

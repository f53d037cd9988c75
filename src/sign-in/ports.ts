/** All ports together: what src/dependencies.ts provides, and every command is given. */
import type { Cache } from "../cache/cache.ts";
import type { SingleFlight } from "../cache/flight/single-flight.ts";
import type { Caches } from "../cache/ports.ts";
import type { Environment } from "../foundation/environment.ts";
import type { GivenFile, ReadFile } from "../foundation/files.ts";
import type { Secrets } from "../foundation/secrets.ts";
import type { SignerSource } from "../identity/signer.ts";
import type { Clock, HopLog, Log, Machine, Sha256, Signals, Streams } from "../foundation/ports.ts";
import type { Http } from "../http/client.ts";

export interface Ports {
  env: Environment;
  clock: Clock;
  machine: Machine;
  streams: Streams;
  /** What must not be printed: the streams leave it out. */
  secrets: Secrets;
  signals: Signals;
  readFile: ReadFile;
  /** Chooses what signs with the key that the settings name. */
  signer: (key: GivenFile) => SignerSource;
  sha256: Sha256;
  cache: Caches;
  http: (log: Log) => Promise<Http>;
  /** All of them in another environment, such as that of a kubeconfig's exec entry. */
  within: (env: Environment) => Ports;
}

export type SignInPorts = Pick<
  Ports,
  "clock" | "readFile" | "signer" | "sha256" | "secrets" | "cache" | "http"
>;

/** The ports of one sign-in: the cache is of its mode, and what each hop does is in its log. */
export interface SignIn extends Pick<Ports, "clock" | "readFile" | "signer" | "sha256" | "secrets"> {
  log: HopLog;
  entries: Cache;
  singleFlight: () => Promise<SingleFlight>;
  http: () => Promise<Http>;
}

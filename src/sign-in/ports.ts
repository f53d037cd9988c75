/** All ports together. src/dependencies.ts provides them, and every command receives them. */
import type { Cache, Caches } from "../cache/cache.ts";
import type { Plugins } from "../exec/plugin/run-plugin.ts";
import type { SingleFlight } from "../cache/flight/single-flight.ts";
import type {
  Clock,
  Environment,
  HopLog,
  Log,
  Machine,
  ReadFile,
  ReadOptional,
  Sha256,
  Signals,
  Streams,
} from "../foundation/ports.ts";
import type { Hop } from "../foundation/errors.ts";
import type { Secrets } from "../foundation/secrets.ts";
import type { IdentitySources, KeyAccess } from "../identity/signer.ts";
import type { KubeconfigDisk } from "../kubeconfig/disk/update-file.ts";
import type { Http } from "../http/client.ts";

export interface Ports {
  env: Environment;
  clock: Clock;
  machine: Machine;
  streams: Streams;
  /** The secrets. The streams remove them from the output. */
  secrets: Secrets;
  signals: Signals;
  readFile: ReadFile;
  readOptional: ReadOptional;
  identities: (access: KeyAccess) => IdentitySources;
  sha256: Sha256;
  cache: Caches;
  http: (log: Log) => Promise<Http>;
  plugins: () => Promise<Plugins>;
  kubeconfigs: () => Promise<KubeconfigDisk>;
  /**
   * The same ports in another environment, such as that of a kubeconfig's exec entry.
   * @param secrets replaces the secrets, for a process that outlives them
   */
  within: (env: Environment, secrets?: Secrets) => Ports;
}

export type SignInPorts = Pick<
  Ports,
  "clock" | "readFile" | "identities" | "sha256" | "secrets" | "cache" | "http"
>;

/** The ports of one sign-in, with the cache of its mode and the log of each hop. */
export interface SignIn extends Pick<Ports, "clock" | "readFile" | "identities" | "sha256" | "secrets"> {
  log: HopLog;
  entries: Cache;
  singleFlight: () => Promise<SingleFlight>;
  /** @param hop that of the calls, for the log; that of CreateSession if undefined */
  http: (hop?: Hop) => Promise<Http>;
}

/** The cache's ports. Each opens nothing before its first call. */
import type { Log } from "../foundation/ports.ts";
import type { Cache } from "./cache.ts";
import type { SingleFlight } from "./flight/single-flight.ts";
import type { Keychain } from "./keychain/keychain.ts";
import type { KeychainMode } from "./keychain/mode.ts";

export interface Caches {
  keychain: (mode: KeychainMode, log: Log) => Keychain;
  entries: (mode: KeychainMode, log: Log) => Cache;
  singleFlight: (mode: KeychainMode, log: Log) => Promise<SingleFlight>;
}

/** The single flight of this user on this machine. */
import type { Environment } from "../../foundation/environment.ts";
import type { Log, Sha256 } from "../../foundation/ports.ts";
import { findPrivateFolder, type FolderInputs } from "../private-folder.ts";
import { folderLock } from "./folder-lock.ts";
import { pipeLock, type Lock } from "./lock.ts";
import { singleFlightAt, type SingleFlight } from "./single-flight.ts";

export interface FlightInputs extends LockInputs {
  env: Environment;
  sha256: Sha256;
  /** Whether a keychain keeps what the flight brings. */
  isKept: boolean;
}

/** Milliseconds that a process stays to give its session to latecomers. Where there is a keychain, they find it there. */
const lingerWithoutKeychain = 200;

export function openSingleFlight(inputs: FlightInputs, log: Log): SingleFlight {
  const { env, sha256, isKept } = inputs;
  const linger = isKept ? {} : { success: lingerWithoutKeychain };
  const flight = singleFlightAt({ lock: findLock(inputs, log), log, linger });
  return { run: (wanted) => flight.run({ ...wanted, key: keyIn(env, wanted.key, sha256) }) };
}

const variables = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"];
const nodeVariables = ["AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "AWS_MAX_ATTEMPTS"];

/**
 * Runs that reach AWS in another way do not wait for one another: a proxy or a trust store that fails for one must not fail the other.
 * @returns a key of the same form, for the lock: a hash, which does not show a proxy's password
 */
export function keyIn(env: Environment, key: string, sha256: Sha256): string {
  const names = [...variables, ...variables.map((name) => name.toLowerCase()), ...nodeVariables];
  return sha256(JSON.stringify([key, ...names.map((name) => env[name] ?? null)]));
}

export interface LockInputs extends Omit<FolderInputs, "uid"> {
  platform: NodeJS.Platform;
  /** process.geteuid(); undefined on Windows */
  uid: number | undefined;
  /** os.userInfo().username. Windows has one name space of pipes for all users. */
  userName: string;
}

/** @returns undefined, and logs why, where there is none that can be trusted */
function findLock({ platform, uid, userName, ...folders }: LockInputs, log: Log): Lock | undefined {
  if (platform === "win32") return pipeLock(`\\\\.\\pipe\\eks-x509-${encodeURIComponent(userName)}-`);
  if (uid === undefined) return undefined;
  const { path, reasons } = findPrivateFolder({ uid, ...folders });
  for (const reason of reasons) log(`no lock there: ${reason}`);
  return path === undefined ? undefined : folderLock(path);
}

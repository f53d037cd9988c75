/**
 * What decides how a run reaches AWS, beside the inputs of the session itself. Runs in other circumstances do not wait for one another:
 * a proxy or a trust store that fails here must not fail a run that has another.
 */
import type { Environment } from "../../foundation/environment.ts";
import { sha256 } from "../cache-key.ts";

const variables = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"];
const nodeVariables = ["AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "AWS_MAX_ATTEMPTS"];

/** @returns a key of the same form, for the lock: a hash, so that no proxy's password shows */
export function keyIn(env: Environment, key: string): string {
  const names = [...variables, ...variables.map((name) => name.toLowerCase()), ...nodeVariables];
  return sha256(JSON.stringify([key, ...names.map((name) => env[name] ?? null)]));
}

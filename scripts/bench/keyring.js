// The kernel's keyring, of this session: what the bench puts there is taken away again, as it also lies in the user's own keyring,
// which holds 20,000 bytes.
import { execFileSync, spawnSync } from "node:child_process";

export function hasKeyring() {
  return spawnSync("keyctl", ["session", "-", "true"], { stdio: "ignore" }).status === 0;
}

export function keyIds() {
  return new Set(keyctl("rlist", "@s").split(/\s+/).filter(Boolean));
}

/** Whatever was stored since. */
export function forgetSince(before) {
  for (const id of keyIds())
    if (!before.has(id)) spawnSync("keyctl", ["invalidate", id], { stdio: "ignore" });
}

/** Also where a signal ends this. */
export function forgetAllAtEnd() {
  if (!hasKeyring()) return;
  process.once("exit", forgetAll);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
}

function forgetAll() {
  for (const id of keyIds()) if (keyctl("rdescribe", id).includes(";keyring:")) keyctl("invalidate", id);
}

function keyctl(...args) {
  return execFileSync("keyctl", args, { stdio: ["ignore", "pipe", "ignore"] }).toString();
}

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

export function forgetAll() {
  if (!hasKeyring()) return;
  for (const id of keyIds()) if (keyctl("rdescribe", id).includes(";keyring:")) keyctl("invalidate", id);
}

function keyctl(...args) {
  return execFileSync("keyctl", args, { stdio: ["ignore", "pipe", "ignore"] }).toString();
}

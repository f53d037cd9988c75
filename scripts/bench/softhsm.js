// A private SoftHSM token with the user's key: what a card or an HSM is for others.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const modules = [
  "/usr/lib/softhsm/libsofthsm2.so",
  "/usr/lib64/softhsm/libsofthsm.so",
  "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];
const pin = "1234";

/** @returns the key's URI, the module, and the environment that leads to the token; undefined where SoftHSM is missing */
export function openToken(keyFile) {
  const module = modules.find((path) => existsSync(path));
  if (module === undefined || spawnSync("softhsm2-util", ["--version"]).status !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "eks-x509-bench-"));
  mkdirSync(join(folder, "tokens"));
  const conf = join(folder, "softhsm2.conf");
  writeFileSync(conf, `directories.tokendir = ${join(folder, "tokens")}\nlog.level = ERROR\n`);
  const env = { SOFTHSM2_CONF: conf };
  const label = ["--label", "bench", "--pin", pin];
  const run = (...args) =>
    execFileSync("softhsm2-util", args, { env: { ...process.env, ...env }, stdio: "ignore" });
  run("--init-token", "--free", ...label, "--so-pin", "12345678");
  run("--import", keyFile, "--token", "bench", "--id", "01", ...label);
  return {
    uri: `pkcs11:token=bench;object=bench?pin-value=${pin}`,
    module,
    env,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

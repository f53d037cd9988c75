/** The composition root of what opens locked keys, tokens and agents. A cache hit and a plain key file do not load it. */
import { fileURLToPath } from "node:url";
import { refusedPins } from "./cache/refusals/refused-pins.ts";
import { attempt } from "./foundation/system-error.ts";
import type { Environment, FileState } from "./foundation/ports.ts";
import type { KeyAccess } from "./identity/signer.ts";
import { Opening } from "./keys/opening.ts";
import { passwordAccount, passwordService } from "./keys/password/remembered.ts";
import type { Ports } from "./sign-in/ports.ts";

/** XDG Base Directory Specification. */
function stateFolder(
  { XDG_STATE_HOME: given = "" }: Environment,
  home: string | undefined,
): string | undefined {
  if (given.startsWith("/")) return given;
  return home && `${home}/.local/state`;
}

type Given = Pick<Ports, "env" | "readFile" | "sha256" | "secrets" | "streams" | "cache" | "machine"> & {
  fileState: FileState;
};

export function openingOf(
  access: KeyAccess,
  {
    env,
    readFile,
    fileState,
    sha256,
    secrets,
    streams,
    cache,
    machine: { temporaryFolder, home, executable },
  }: Given,
): Opening {
  const folders = {
    stateFolder: stateFolder(env, home),
    runtimeFolder: env["XDG_RUNTIME_DIR"],
    temporaryFolder,
  };
  return new Opening(access, {
    ...{ env, readFile, fileState, sha256, secrets },
    refused: refusedPins({ uid: process.geteuid?.(), pid: process.pid, isAlive, ...folders, sha256 }),
    remembered: (id) =>
      cache
        .keychain("auto", () => undefined)
        .getPassword(passwordService, passwordAccount(id, sha256))
        .catch(() => undefined),
    notice: (line) => void streams.stderr(`eks-x509: private-key: ${line}\n`).catch(() => undefined),
    moduleProgram: executable?.pkcs11Module ?? [
      process.execPath,
      fileURLToPath(new URL("./pkcs11-module.js", import.meta.url)),
    ],
  });
}

function isAlive(pid: number): boolean {
  return attempt(() => {
    process.kill(pid, 0);
  }, ["ESRCH", "EPERM"]);
}

/** A private key in a file. A cache hit asks for the state only, so the code that reads keys is loaded when the key is opened. */
import type { FileRole, FileState, GivenFile, ReadFile, Sha256 } from "../foundation/ports.ts";
import type { SignerSource } from "./signer.ts";

export interface KeyFilePorts {
  readFile: ReadFile;
  fileState: FileState;
  sha256: Sha256;
}

export function fileSigner({ path, source }: GivenFile, ports: KeyFilePorts): SignerSource {
  const { readFile, fileState, sha256 } = ports;
  const role: FileRole = { given: source, hop: "private-key", category: "identity" };
  return {
    description: path,
    state: async () => (await fileState(path, role)) ?? sha256((await readFile(path, role)).bytes),
    open: async () => {
      const { openPrivateKey } = await import("./private-key.ts");
      return openPrivateKey(await readFile(path, role));
    },
  };
}

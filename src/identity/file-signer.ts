/** A private key in a file. A cache hit asks for the state only, so the code that reads keys is loaded when the key is opened. */
import type { FileRole, FileState, GivenFile, ReadFile } from "../foundation/ports.ts";
import type { SignerSource } from "./signer.ts";

export interface KeyFilePorts {
  readFile: ReadFile;
  fileState: FileState;
}

export function fileSigner({ path, source }: GivenFile, { readFile, fileState }: KeyFilePorts): SignerSource {
  const role: FileRole = { given: source, hop: "private-key", category: "identity" };
  return {
    description: path,
    state: () => fileState(path, role),
    open: async () => {
      const { openPrivateKey } = await import("./private-key.ts");
      return openPrivateKey(await readFile(path, role));
    },
  };
}

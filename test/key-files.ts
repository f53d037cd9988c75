/** The two ports that read certificates and keys, over any way to read files. */
import type { FileState, ReadFile } from "../src/foundation/ports.ts";
import type { Ports } from "../src/sign-in/ports.ts";
import { sha256 } from "./ports.ts";
import { fileSigner } from "../src/identity/file-signer.ts";

export function keyFiles(
  readFile: ReadFile,
  fileState: FileState = (path) => Promise.resolve(`state of ${path}`),
): Pick<Ports, "readFile" | "sha256" | "signer"> {
  return { readFile, sha256, signer: (key) => fileSigner(key, { readFile, fileState, sha256 }) };
}

/** The ports that read certificates and keys, over any way to read files. */
import type { FileState, ReadFile } from "../src/foundation/ports.ts";
import type { Ports } from "../src/sign-in/ports.ts";
import { sha256 } from "./ports.ts";
import { identitySources } from "../src/keys/identity-sources.ts";
import { Opening, type OpeningPorts } from "../src/keys/opening.ts";
import { Secrets } from "../src/foundation/secrets.ts";

export function keyFiles(
  readFile: ReadFile,
  fileState: FileState = (path) => Promise.resolve(`state of ${path}`),
  instead: Partial<OpeningPorts> = {},
): Pick<Ports, "readFile" | "sha256" | "identities"> {
  const files = { readFile, fileState, sha256 };
  const opening = {
    ...files,
    env: { KUBERNETES_EXEC_INFO: '{"spec":{"interactive":false}}' },
    secrets: new Secrets(),
    refused: { begin: () => Promise.resolve(undefined), refused: () => undefined, accepted: () => undefined },
    remembered: () => Promise.resolve(undefined),
    notice: () => undefined,
    moduleProgram: [process.execPath] as const,
    ...instead,
  };
  return {
    readFile,
    sha256,
    identities: (access) => identitySources(files, () => Promise.resolve(new Opening(access, opening))),
  };
}

/**
 * The use case: certificate → session → token → ExecCredential. Reads as the diagram in docs/architecture.md.
 */
import type { GetTokenInput, GivenFile } from "./cli/input.ts";
import { mintToken } from "./eks/token.ts";
import type { Hop } from "./errors.ts";
import type { FileContent, ReadFile } from "./files.ts";
import type { Http } from "./http/client.ts";
import { identityFrom, type Identity } from "./identity/identity.ts";
import type { Credential } from "./kubernetes/exec-credential.ts";
import { createSession } from "./rolesanywhere/create-session.ts";
import type { Session } from "./rolesanywhere/session.ts";

/** What a hop has to say under --verbose. */
export type Tell = (hop: Hop, line: string) => void;

export interface GetTokenPorts {
  clock: () => Date;
  readFile: ReadFile;
  http: Http;
  tell: Tell;
}

/** @throws EksX509Error */
export async function getToken(input: GetTokenInput, ports: GetTokenPorts): Promise<Credential> {
  const identity = await loadIdentity(input.files, ports);
  const session = await createSession(input.session, identity, input.endpoint, ports);
  tellSession(session, ports.tell);
  const token = await mintToken(session, input.token, ports.clock());
  ports.tell(
    "token",
    `for ${token.host}, ${token.text.length} bytes, until ${token.expiration.toISOString()}`,
  );
  return { token: token.text, expiration: token.expiration };
}

async function loadIdentity(
  files: GetTokenInput["files"],
  { readFile, clock, tell }: GetTokenPorts,
): Promise<Identity> {
  const read = ({ path, source }: GivenFile, hop: Hop): Promise<FileContent> =>
    readFile(path, { given: source, hop, category: "identity" });
  const [certificate, privateKey, intermediates] = await Promise.all([
    read(files.certificate, "certificate"),
    read(files.privateKey, "private-key"),
    files.intermediates && read(files.intermediates, "certificate"),
  ]);
  const identity = identityFrom({ certificate, privateKey, intermediates }, clock());
  tellIdentity(identity, tell);
  warnOfReaders(privateKey, tell);
  return identity;
}

function tellIdentity({ leaf, chain }: Identity, tell: Tell): void {
  tell(
    "certificate",
    `${leaf.subject}, serial ${leaf.serial} (${leaf.serial.toString(16)}), until ${leaf.notAfter.toISOString()}`,
  );
  for (const intermediate of chain) tell("certificate", `intermediate ${intermediate.subject}`);
}

/** POSIX permissions; Windows reports none for others that mean anything. */
function warnOfReaders({ name, mode }: FileContent, tell: Tell): void {
  if ((mode & 0o077) !== 0)
    tell(
      "private-key",
      `warning: others may read ${name} (mode ${mode.toString(8)}); run: chmod 600 ${name}`,
    );
}

function tellSession({ assumedRoleArn, sourceIdentity, expiration }: Session, tell: Tell): void {
  tell(
    "session",
    `${assumedRoleArn}, source identity ${sourceIdentity || "none"}, until ${expiration.toISOString()}`,
  );
}
